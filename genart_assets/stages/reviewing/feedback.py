"""What people decided, as a table: the data that thresholds, preference heads and training sets are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from genart_assets.records import schemas
from genart_assets.records.decision import Decision
from genart_assets.stages.reviewing.review_queue import JudgedAttempt

if TYPE_CHECKING:
    import pandas as pd


def feedback_of(
    brief_id: str,
    decisions: Sequence[Decision],
    images: Mapping[str, tuple[int, JudgedAttempt]],
    taken_back: frozenset[str],
) -> pd.DataFrame:
    """One line a decision (schemas.HUMAN_FEEDBACK), in the order of ``decisions``.

    ``images`` gives slot index and attempt of each recipe id; ``taken_back`` are the ids of decisions that were undone.
    """
    import pandas as pd

    lines = [
        (
            decision.recipe_id,
            images[decision.recipe_id][0],
            images[decision.recipe_id][1].batch,
            brief_id,
            decision.id,
            decision.reviewer,
            decision.time.isoformat(),
            decision.action,
            decision.score,
            json.dumps(decision.tags),
            decision.settings and decision.settings.canonical(),
            decision.undoes,
            decision.id not in taken_back,
        )
        for decision in decisions
    ]
    frame = pd.DataFrame(lines, columns=schemas.HUMAN_FEEDBACK.names)
    return frame.astype({"slot_index": "int64", "score": "Int32", "stands": bool})
