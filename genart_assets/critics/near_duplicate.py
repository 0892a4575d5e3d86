"""How much a picture repeats an earlier one of its batch."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt

from genart_assets.critics.protocol import BaseCritic, CriticContext, Direction, Look
from genart_assets.records.fault import Fault

NOTHING_EARLIER = 0.0
"""Score of the batch's first picture, which repeats nothing."""


class NearDuplicate(BaseCritic):
    """Largest cosine between a picture's CLIP embedding and that of any earlier picture of the batch, in plan order.

    Looking back only, the first of several copies survives. A picture without an embedding has no score.
    """

    name: str = "near_duplicate"
    unit: str = "cosine"
    direction: Direction = "lower"
    version: str = "1"
    faults = frozenset({Fault.DUPLICATE})

    def __init__(self, context: CriticContext) -> None:
        rows = zip(context.batch_ids, nearest_earlier(context.batch_embeddings), strict=True)
        self._scores: dict[str, float] = dict(rows)

    @classmethod
    def for_batch(cls, context: CriticContext) -> Self:
        return cls(context)

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        ids = [planned.recipe_id for planned in look.planned]
        return np.array([self._scores.get(recipe_id, np.nan) for recipe_id in ids], dtype=np.float64)


def nearest_earlier(embeddings: npt.NDArray[np.float32]) -> list[float]:
    """For each row of ``[rows, d]``, of length 1, the largest cosine with a row before it."""
    rows = embeddings.astype(np.float64)
    return [NOTHING_EARLIER if k == 0 else float(np.max(rows[:k] @ rows[k])) for k in range(len(rows))]
