"""How well a picture shows what its prompt says."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt

from genart_assets.critics.protocol import BaseCritic, CriticContext, Direction, Look
from genart_assets.records.fault import Fault


class PromptAlignment(BaseCritic):
    """Cosine of the picture's CLIP embedding with its prompt's, -1 to 1 (Radford et al., 2021).

    Every prompt is embedded once a batch. Cosines of different CLIP models are not comparable.
    """

    name: str = "prompt_alignment"
    unit: str = "cosine"
    direction: Direction = "higher"
    version: str = "1"
    faults = frozenset({Fault.WRONG_SUBJECT})

    def __init__(self, context: CriticContext) -> None:
        self._embed_texts = context.embed_texts
        self._known: dict[str, npt.NDArray[np.float64]] = {}

    @classmethod
    def for_batch(cls, context: CriticContext) -> Self:
        return cls(context)

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        prompts = [planned.recipe.prompt for planned in look.planned]
        self._embed_new(prompts)
        rows = zip(look.embeddings, prompts, strict=True)
        return np.array([cosine(row, self._known[prompt]) for row, prompt in rows], dtype=np.float64)

    def _embed_new(self, prompts: list[str]) -> None:
        new = sorted(set(prompts) - self._known.keys())
        if new:
            vectors = self._embed_texts(new)
            self._known.update(zip(new, vectors.astype(np.float64), strict=True))


def cosine(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> float:
    """Cosine of two vectors ``[d]`` of length 1, in float64."""
    return float(np.dot(a.astype(np.float64), b.astype(np.float64)))
