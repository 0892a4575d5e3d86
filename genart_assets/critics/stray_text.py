"""How much text a picture carries: stray letters, captions, watermarks."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt

from genart_assets.critics.each_row import Picture, each_picture
from genart_assets.critics.protocol import BaseCritic, CriticContext, Direction, Look
from genart_assets.models.onnx import missing_package
from genart_assets.models.text_reader import EXTRA, PACKAGE, Line, TextReader, load_text_reader
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault

SURE = 0.5
"""Mean confidence of a line's characters from which it counts."""
SHORTEST = 2
"""Letters and digits. Alone, an apple is as good an "o" as any."""


def characters_of(lines: list[Line]) -> int:
    """Letters and digits in the lines that are surely text."""
    counts = [sum(character.isalnum() for character in line.text) for line in lines if line.confidence >= SURE]
    return sum(count for count in counts if count >= SHORTEST)


class StrayText(BaseCritic):
    """Number of letters and digits that can be read in the picture, in lines of two or more.

    The lines are found and read by PP-OCR (Latin and Chinese letters); one counts if the mean confidence of its
    characters is 0.5 or more. A single letter by itself does not count. Half a second and more an image: it runs only
    where the brief bounds it.
    """

    name: str = "stray_text"
    unit: str = "characters"
    direction: Direction = "lower"
    version: str = "1"
    faults = frozenset({Fault.TEXT})

    def __init__(self, reader: TextReader) -> None:
        self._reader = reader
        self.version = f"1 {PACKAGE} {reader.version}"

    @classmethod
    def missing_requirement(cls, brief: Brief) -> str:
        return missing_package(PACKAGE, EXTRA)

    @classmethod
    def for_batch(cls, context: CriticContext) -> Self | None:
        return cls(load_text_reader()) if cls.name in context.brief.style_guide.expect else None

    def _characters(self, picture: Picture) -> float:
        return float(characters_of(self._reader.read(picture)))

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return each_picture(look, self._characters)
