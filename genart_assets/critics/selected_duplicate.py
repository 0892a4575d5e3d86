"""How much a picture repeats one that was selected before, in its brief or in any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from genart_assets.critics.protocol import BaseCritic, CriticContext, Direction, Look, NearestSelected, Scope
from genart_assets.errors import GenartError
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault
from genart_assets.records.style_guide import Bound

NEAR = 0.9
"""Cosine from which a neighbour is told, unless the brief bounds it lower: what is farther repeats nothing."""
NOTHING_NEAR = 0.0
"""Score of a picture that repeats nothing."""


class SelectedDuplicate(BaseCritic):
    """Cosine between a picture's CLIP embedding and the nearest of the pictures that were selected before it.

    Compared are embeddings of the same CLIP snapshot; not the batch itself, attempts of the same slot, and other
    versions of the same brief. Exact from `NEAR` on, or from the brief's bound if that is lower; 0 for whatever is
    farther. A picture without an embedding has no score.

    The score is of the moment: it tells what was selected when it was computed, and a stored score stays. The gate
    looks again when it judges (`stages.admit`), since another batch may have been selected meanwhile.
    """

    unit: str = "cosine"
    direction: Direction = "lower"
    version: str = "1"
    faults = frozenset({Fault.SEEN_BEFORE})

    def __init__(self, scores: dict[str, float]) -> None:
        self._scores = scores

    @classmethod
    def for_batch(cls, context: CriticContext) -> Self | None:
        name: str = cls.__dict__["name"]
        if name not in context.brief.style_guide.expect:
            return None
        if context.nearest_selected is None:
            raise GenartError(f"{name} has no selected images to look among", remedy="give the critics a storage")
        ids = context.batch_ids
        return cls(repeats(context.brief, name, SCOPES[name], context.nearest_selected, ids, context.batch_embeddings))

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        ids = [planned.recipe_id for planned in look.planned]
        return np.array([self._scores.get(recipe_id, np.nan) for recipe_id in ids], dtype=np.float64)


class BriefDuplicate(SelectedDuplicate):
    """The nearest picture of the same brief, in other batches and rounds."""

    name: str = "brief_duplicate"


class CatalogueDuplicate(SelectedDuplicate):
    """The nearest picture of any brief, its own included."""

    name: str = "catalogue_duplicate"


SCOPES: dict[str, Scope] = {
    BriefDuplicate.name: "brief",
    CatalogueDuplicate.name: "catalogue",
}
"""Critic name to the selected images that it looks among."""


def repeats(
    brief: Brief,
    critic: str,
    within: Scope,
    nearest: NearestSelected,
    ids: Sequence[str],
    vectors: npt.NDArray[np.float32],
) -> dict[str, float]:
    """Score of ``critic`` for each of ``ids``, with embeddings ``[n, d]``."""
    found = nearest(ids, vectors, within, told_from(brief.style_guide.expect[critic])) if ids else []
    return {
        recipe_id: NOTHING_NEAR if neighbour is None else neighbour.cosine
        for recipe_id, neighbour in zip(ids, found, strict=True)
    }


def told_from(bound: Bound) -> float:
    """The smallest cosine that matters to a bound."""
    ends = [end for end in (bound.min, bound.max) if end is not None]
    return min(NEAR, *ends)
