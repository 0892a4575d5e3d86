"""How bright a picture is, and how far its brightness spreads; both in CIE L*, 0 (black) to 100 (white)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from genart_assets.critics.each_row import Picture, each_picture
from genart_assets.critics.protocol import BaseCritic, Direction, Look
from genart_assets.records.fault import Fault


def lightness(picture: Picture) -> npt.NDArray[np.float64]:
    """CIE L* under D65, ``float64 [height, width]``, 0 to 100."""
    from skimage.color import rgb2lab

    return rgb2lab(picture)[..., 0]


class Exposure(BaseCritic):
    """Mean L*. Neither end is better by itself: the brief bounds it."""

    name: str = "exposure"
    unit: str = "L*"
    direction: Direction = "between"
    version: str = "1"
    faults = frozenset({Fault.WRONG_EXPOSURE})

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return each_picture(look, lambda picture: float(np.mean(lightness(picture))))


class Contrast(BaseCritic):
    """Standard deviation of L*: the RMS contrast of Peli, "Contrast in complex images", 1990, on a perceptual scale."""

    name: str = "contrast"
    unit: str = "L*"
    direction: Direction = "higher"
    version: str = "1"
    faults = frozenset({Fault.LOW_CONTRAST})

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return each_picture(look, lambda picture: float(np.std(lightness(picture))))
