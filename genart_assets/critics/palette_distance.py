"""How far a picture's background is from the colour that the brief asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import numpy as np
import numpy.typing as npt

from genart_assets.critics.background import border
from genart_assets.critics.colours import rgb
from genart_assets.critics.each_row import Picture
from genart_assets.critics.protocol import BaseCritic, CriticContext, Direction, Look
from genart_assets.errors import InputError
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault
from genart_assets.records.plan import PlannedImage


class PaletteDistance(BaseCritic):
    """Median CIEDE2000 distance between the border ring and the background's colour, 0 (equal) to about 100.

    The median stays with the background until the subject covers half of the ring.
    """

    name: str = "palette_distance"
    unit: str = "ΔE2000"
    direction: Direction = "lower"
    version: str = "1"
    faults = frozenset({Fault.WRONG_COLOUR})

    def __init__(self, background: str | Mapping[str, str]) -> None:
        self.background = background

    @classmethod
    def missing_requirement(cls, brief: Brief) -> str:
        palette = brief.style_guide.palette
        return "" if palette and palette.background else "there is no colour; add style_guide.palette.background"

    @classmethod
    def for_batch(cls, context: CriticContext) -> Self | None:
        palette = context.brief.style_guide.palette
        if palette is None or not palette.background:
            return None
        if not isinstance(palette.background, str):
            _require_a_colour_for_every_background(context.brief, palette.background)
        return cls(palette.background)

    def _wanted(self, planned: PlannedImage) -> str:
        """The colour that this slot's background shall have, as #rrggbb."""
        if isinstance(self.background, str):
            return self.background
        return self.background[planned.slot.values["background"]]

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        rows = zip(look.pixels, look.planned, strict=True)
        return np.array(
            [border_distance(picture, self._wanted(planned)) for picture, planned in rows], dtype=np.float64
        )


def border_distance(picture: Picture, colour: str) -> float:
    """Median CIEDE2000 distance of the border ring from ``colour`` (#rrggbb)."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    return float(np.median(deltaE_ciede2000(rgb2lab(border(picture)), rgb2lab(rgb(colour)))))


def _require_a_colour_for_every_background(brief: Brief, colours: Mapping[str, str]) -> None:
    values = brief.vary.get("background", ())
    missing = sorted(set(values) - set(colours))
    if missing or not values:
        lacking = f"has no colour for {', '.join(missing)}" if missing else "has several colours, vary.background none"
        raise InputError(
            f"brief {brief.brief}: style_guide.palette.background {lacking}",
            remedy="give one colour for each value of vary.background, or a single #rrggbb",
        )
