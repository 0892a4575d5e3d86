"""Critics score the images of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from genart_assets.critics.protocol import Critic, Look
from genart_assets.errors import GenartError
from genart_assets.records.plan import PlannedImage
from genart_assets.records.streams import MicroBatch

if TYPE_CHECKING:
    import pandas as pd

Scores = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float32]


def critique(
    plan: Sequence[PlannedImage],
    images: Iterable[MicroBatch[npt.NDArray[np.uint8]]],
    embeddings: Mapping[str, Vector],
    critics: Sequence[Critic],
    embedding_failures: Mapping[str, str] | None = None,
) -> Iterator[MicroBatch[pd.DataFrame]]:
    """Score every image by every critic, in long format (schemas.CRITIC_SCORES), one micro-batch at a time.

    ``embeddings`` gives each image's CLIP embedding, ``float32 [d]``; ``embedding_failures`` why one is missing. A
    score that cannot be had is null and has a reason; the image's other scores, and other images, do not suffer. Images
    that were not rendered pass through as failures.
    """
    planned = {row.recipe_id: row for row in plan}
    size = next((len(vector) for vector in embeddings.values()), 0)
    no_embedding = np.full(size, np.nan, dtype=np.float32)
    for micro_batch in images:
        if not micro_batch.ids:
            yield MicroBatch(ids=(), data=_frame([]), failures=micro_batch.failures)
            continue
        look = Look(
            pixels=micro_batch.data,
            embeddings=np.array(
                [embeddings.get(recipe_id, no_embedding) for recipe_id in micro_batch.ids], dtype=np.float32
            ).reshape(len(micro_batch.ids), size),
            planned=[planned[recipe_id] for recipe_id in micro_batch.ids],
        )
        notes = {
            row: f"the image has no embedding: {(embedding_failures or {}).get(row, 'it was not computed')}"
            for row in micro_batch.ids
            if row not in embeddings
        }
        frame = _score_all(critics, look, notes)
        yield MicroBatch(ids=micro_batch.ids, data=frame, failures=micro_batch.failures)


def _score_all(critics: Sequence[Critic], look: Look, notes: Mapping[str, str]) -> pd.DataFrame:
    """Rows ordered by image, then by critic."""
    by_critic = [(critic, *_score_or_reason(critic, look)) for critic in critics]
    rows: list[dict[str, object]] = []
    for k, planned in enumerate(look.planned):
        for critic, scores, reasons in by_critic:
            scored = bool(np.isfinite(scores[k]))
            reason = "" if scored else "; ".join(filter(None, (reasons[k], notes.get(planned.recipe_id))))
            rows.append(
                {
                    "recipe_id": planned.recipe_id,
                    "critic": critic.name,
                    "score": float(scores[k]) if scored else None,
                    "unit": critic.unit,
                    "direction": critic.direction,
                    "version": critic.version,
                    "reason": reason,
                }
            )
    return _frame(rows)


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    import pandas as pd

    columns = ["recipe_id", "critic", "score", "unit", "direction", "version", "reason"]
    return pd.DataFrame(rows, columns=columns).astype({"score": "float64"})


def _score_or_reason(critic: Critic, look: Look) -> tuple[Scores, list[str]]:
    """Scores, NaN where there is none, and the reason for each NaN.

    A critic that fails on the micro-batch is asked again row by row, so that only the images it cannot score lose it.
    """
    try:
        scores = _checked(critic, look)
    except Exception as error:  # noqa: BLE001 - a critic's failure becomes a row's reason
        if len(look.planned) == 1:
            return np.array([np.nan]), [f"{critic.name}: {_say(error)}"]
        alone = [_score_or_reason(critic, _only(look, k)) for k in range(len(look.planned))]
        return np.concatenate([score for score, _ in alone]), [reason for _, reasons in alone for reason in reasons]
    return scores, ["" if np.isfinite(score) else f"{critic.name}: the score is {score}" for score in scores]


def _checked(critic: Critic, look: Look) -> Scores:
    scores = np.asarray(critic.score(look), dtype=np.float64)
    if scores.shape != (len(look.planned),):
        raise GenartError(f"{len(look.planned)} images were given and scores of shape {scores.shape} came back")
    return scores


def _only(look: Look, k: int) -> Look:
    return Look(look.pixels[k : k + 1], look.embeddings[k : k + 1], look.planned[k : k + 1])


def _say(error: Exception) -> str:
    return f"{error.message}" if isinstance(error, GenartError) else f"{type(error).__name__}: {error}"
