"""How much of the subject is in the brand's colours."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt

from genart_assets.critics.background import background_of
from genart_assets.critics.colours import delta_e_from, rgb
from genart_assets.critics.each_row import Picture, each_picture
from genart_assets.critics.protocol import BaseCritic, CriticContext, Direction, Look
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault
from genart_assets.records.style_guide import Palette


class BrandColours(BaseCritic):
    """Share of the subject's pixels that are within CIEDE2000 ``brand_max_delta_e`` of any brand colour, 0 to 1.

    The subject is what is left of the picture without its flat background; a picture without a subject scores 0.
    """

    name: str = "brand_colours"
    unit: str = "share"
    direction: Direction = "higher"
    version: str = "1"
    faults = frozenset({Fault.OFF_BRAND})

    def __init__(self, palette: Palette) -> None:
        self._colours = rgb(*palette.brand)
        self._delta_e = palette.brand_max_delta_e

    @classmethod
    def missing_requirement(cls, brief: Brief) -> str:
        palette = brief.style_guide.palette
        return "" if palette and palette.brand else "there are no brand colours; add style_guide.palette.brand"

    @classmethod
    def for_batch(cls, context: CriticContext) -> Self | None:
        palette = context.brief.style_guide.palette
        return cls(palette) if palette is not None and palette.brand else None

    def _share(self, picture: Picture) -> float:
        distances = delta_e_from(picture, self._colours)[~background_of(picture)]
        return float(np.mean(distances <= self._delta_e)) if len(distances) else 0.0

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return each_picture(look, self._share)
