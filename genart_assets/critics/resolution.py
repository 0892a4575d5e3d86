"""How many pixels a picture has."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt

from genart_assets.critics.each_row import each_picture
from genart_assets.critics.protocol import CriticContext, Direction, Look


class Resolution:
    """The shorter side in px. An image has its recipe's size, and so the brief's aspect ratio, or was not rendered."""

    name: str = "resolution"
    unit: str = "px"
    direction: Direction = "higher"
    version: str = "1"

    @classmethod
    def for_batch(cls, context: CriticContext) -> Self:
        return cls()

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return each_picture(look, lambda picture: float(min(picture.shape[:2])))
