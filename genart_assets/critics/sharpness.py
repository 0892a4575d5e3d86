"""How much fine detail a picture has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from genart_assets.critics.each_row import Picture, each_picture
from genart_assets.critics.protocol import BaseCritic, Direction, Look
from genart_assets.records.fault import Fault

REC_601 = np.array([0.299, 0.587, 0.114])


def luma(picture: Picture) -> npt.NDArray[np.float64]:
    """Rec. 601 luma of gamma-encoded sRGB, ``float64 [height, width]``, 0 to 255."""
    return picture.astype(np.float64) @ REC_601


def laplacian_variance(picture: Picture) -> float:
    from scipy.ndimage import laplace

    return float(np.var(laplace(luma(picture), mode="reflect")))


class Sharpness(BaseCritic):
    """Variance of the Laplacian of the luma, in squared 8-bit levels.

    The focus measure of Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000. It counts
    noise as detail and depends on the pixel size: a bound belongs to one resolution.
    """

    name: str = "sharpness"
    unit: str = "levels²"
    direction: Direction = "higher"
    version: str = "1"
    faults = frozenset({Fault.BLUR})

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return each_picture(look, laplacian_variance)
