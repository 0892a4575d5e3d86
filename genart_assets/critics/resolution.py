"""How many pixels a picture has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from genart_assets.critics.each_row import each_picture
from genart_assets.critics.protocol import BaseCritic, Direction, Look
from genart_assets.records.fault import Fault


class Resolution(BaseCritic):
    """The shorter side in px. An image has its recipe's size, and so the brief's aspect ratio, or was not rendered."""

    name: str = "resolution"
    unit: str = "px"
    direction: Direction = "higher"
    version: str = "1"
    faults = frozenset({Fault.LOW_RESOLUTION})

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return each_picture(look, lambda picture: float(min(picture.shape[:2])))
