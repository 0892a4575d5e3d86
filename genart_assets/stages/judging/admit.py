"""The gate's last look: a batch is judged against everything selected before it, and what passed is selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from genart_assets.critics.protocol import Scope
from genart_assets.critics.selected_duplicate import SCOPES, repeats
from genart_assets.records.brief import Brief
from genart_assets.storage.nearest import Neighbour

if TYPE_CHECKING:
    import pandas as pd

Gate = TypeVar("Gate")


class Selected(Protocol):
    """The selected images of all briefs, as `duplicates.SelectedBefore`."""

    def nearest(
        self, ids: Sequence[str], vectors: npt.NDArray[np.float32], within: Scope, floor: float
    ) -> Sequence[Neighbour | None]: ...

    def joins(self, ids: Sequence[str], vectors: npt.NDArray[np.float32]) -> bool: ...


def admit(
    brief: Brief,
    scores: pd.DataFrame,
    ids: Sequence[str],
    vectors: npt.NDArray[np.float32],
    selected: Selected,
    judge: Callable[[pd.DataFrame], tuple[pd.DataFrame, Gate]],
) -> tuple[pd.DataFrame, Gate]:
    """Judge ``scores`` (schemas.CRITIC_SCORES) with duplicates as of now, and select what passed.

    ``ids`` are the images that have an embedding, ``vectors`` ``[n, d]``. Batches that are judged at the same time join
    the selected images one after the other: where another was faster, this one is judged again, with the other's images
    among those it must not repeat. A verdict may so name a larger cosine than the score that was stored. A batch that
    joined before gets the verdicts that it got then.
    """
    while True:
        verdicts, gate = judge(_as_of_now(brief, scores, ids, vectors, selected))
        passed = set(verdicts.loc[verdicts["passed"].astype(bool) & verdicts["held"].isna(), "recipe_id"])
        rows = [k for k, recipe_id in enumerate(ids) if recipe_id in passed]
        if selected.joins([ids[k] for k in rows], vectors[rows]):
            return verdicts, gate


def _as_of_now(
    brief: Brief, scores: pd.DataFrame, ids: Sequence[str], vectors: npt.NDArray[np.float32], selected: Selected
) -> pd.DataFrame:
    scores = scores.copy()
    for critic, within in SCOPES.items():
        if critic in brief.style_guide.expect:
            now = repeats(brief, critic, within, selected.nearest, ids, vectors)
            scored = (scores["critic"] == critic) & scores["score"].notna() & scores["recipe_id"].isin(list(now))
            scores.loc[scored, "score"] = scores.loc[scored, "recipe_id"].map(now)
    return scores
