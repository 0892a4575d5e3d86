"""How noisy a picture is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from genart_assets.critics.each_row import Picture, each_picture
from genart_assets.critics.protocol import BaseCritic, Direction, Look
from genart_assets.critics.sharpness import luma
from genart_assets.records.fault import Fault

MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float64)
"""Difference of two Laplacians: blind to planes and to edges along the axes."""
MASK_GAIN = 6.0
"""Standard deviation of the response to white noise of standard deviation 1: the root of the mask's squares."""
MEDIAN_OF_NORMAL = 0.6744897501960817
"""Median of the absolute value of a standard normal variable."""


def noise_deviation(picture: Picture) -> float:
    from scipy.ndimage import convolve

    inner = convolve(luma(picture), MASK, mode="reflect")[1:-1, 1:-1]
    return float(np.median(np.abs(inner)) / (MASK_GAIN * MEDIAN_OF_NORMAL))


class Noise(BaseCritic):
    """Standard deviation of the luma's white noise, in 8-bit levels.

    The mask of Immerkær, "Fast noise variance estimation", 1996; its response is averaged by the median (Donoho and
    Johnstone, 1994), so that edges and texture do not count until they cover half of the picture. Noise on less
    than half of the pixels, beside a clean background, is not seen.
    """

    name: str = "noise"
    unit: str = "levels"
    direction: Direction = "lower"
    version: str = "1"
    faults = frozenset({Fault.NOISE})

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return each_picture(look, noise_deviation)
