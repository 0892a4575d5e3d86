"""How much of the subject ran out of the range of colours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from genart_assets.critics.background import background_of
from genart_assets.critics.each_row import Picture, each_picture
from genart_assets.critics.protocol import BaseCritic, Direction, Look
from genart_assets.records.fault import Fault


def clipped_share(picture: Picture) -> float:
    subject = picture[~background_of(picture)]
    at_an_end = ((subject == 0) | (subject == 255)).any(axis=1)
    return float(np.mean(at_an_end)) if len(subject) else 0.0


class Clipping(BaseCritic):
    """Share of the subject's pixels with a channel at 0 or 255, 0 to 1; 0 where there is no subject.

    A generator whose guidance is too high leaves the range there, and shading is lost. The subject is what is left of
    the picture without its flat background, so that a white one does not count; black outlines and fills of a pure
    colour do, which the bound must allow for.
    """

    name: str = "clipping"
    unit: str = "share"
    direction: Direction = "lower"
    version: str = "1"
    faults = frozenset({Fault.OVER_CONTRAST})

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return each_picture(look, clipped_share)
