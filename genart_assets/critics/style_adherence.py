"""How near a picture is to the wanted style."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from genart_assets.critics.prompt_alignment import cosine
from genart_assets.critics.protocol import BaseCritic, CriticContext, Direction, Look
from genart_assets.models.house_style import centroid_of, load_house_style
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault


class StyleAdherence(BaseCritic):
    """Cosine of the picture's CLIP embedding with the references' centroid, or the house style's, -1 to 1.

    CLIP embeds what is shown together with how it is drawn: references of many subjects leave the style. The version
    names a house style by its hash; references are named in the brief.
    """

    name: str = "style_adherence"
    unit: str = "cosine"
    direction: Direction = "higher"
    version: str = "1"
    faults = frozenset({Fault.WRONG_STYLE})

    def __init__(self, centroid: npt.NDArray[np.float64], version: str = version) -> None:
        self._centroid = centroid
        self.version = version

    @classmethod
    def missing_requirement(cls, brief: Brief) -> str:
        guide = brief.style_guide
        given = guide.references or guide.house_style
        return "" if given else "there is no style; add style_guide.references or style_guide.house_style"

    @classmethod
    def for_batch(cls, context: CriticContext) -> Self | None:
        guide = context.brief.style_guide
        if guide.house_style:
            style = load_house_style(Path(guide.house_style), context.clip_snapshot)
            return cls(style.centroid, f"{cls.version} house style {style.digest[:12]}")
        return cls(centroid_of(context.embed_images(context.references()))) if guide.references else None

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return np.array([cosine(row, self._centroid) for row in look.embeddings], dtype=np.float64)
