"""How much a picture would please, as people's ratings taught a head."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from genart_assets.critics.protocol import BaseCritic, CriticContext, Direction, Look
from genart_assets.models.heads import Head, load_head
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault


class Aesthetic(BaseCritic):
    """What the head in ``style_guide.aesthetic_head`` makes of the picture's CLIP embedding, in the head's unit.

    A linear or multilayer head as LAION's aesthetic predictors have (Schuhmann et al., LAION-5B, 2022): a rating, 1 to
    10 with theirs, or the probability that people accept it, 0 to 1. The version names the head by its hash.
    """

    name: str = "aesthetic"
    unit: str = "rating"
    direction: Direction = "higher"
    version: str = "1"
    faults = frozenset({Fault.UNPLEASING})

    def __init__(self, head: Head) -> None:
        self._head = head
        self.unit = head.config.unit
        self.version = f"1 head {head.digest[:12]}"

    @classmethod
    def missing_requirement(cls, brief: Brief) -> str:
        return "" if brief.style_guide.aesthetic_head else "there is no head; add style_guide.aesthetic_head"

    @classmethod
    def for_batch(cls, context: CriticContext) -> Self | None:
        folder = context.brief.style_guide.aesthetic_head
        return cls(load_head(Path(folder), context.clip_snapshot)) if folder else None

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return self._head.predict(look.embeddings)
