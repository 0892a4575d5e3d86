"""The attempts that a retry round follows: their rows, their scores, and the batches in which they lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from genart_assets.records import schemas
from genart_assets.records.plan import PlannedImage
from genart_assets.records.retry import REDO, SlotRetry
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.storage.frames import empty_frame
from genart_assets.storage.tables import TableStore

if TYPE_CHECKING:
    import pandas as pd


def rows_before(book: OrderBook, round_: int) -> pd.DataFrame | None:
    """The rows of the rounds in which a round's parents lie, as `OrderBook.rows`; None for round 0.

    A retry follows the round before it; a round of what reviewers sent back follows any.
    """
    import pandas as pd

    if not round_:
        return None
    first = 0 if any(retry.origin.move == REDO for retry in book.retries(round_)) else round_ - 1
    there = [number for number in range(first, round_) if book.planned_rows(number)]
    return pd.concat([book.rows(number) for number in there], ignore_index=True)


def scores_before(book: OrderBook, round_: int, plan: Sequence[PlannedImage]) -> pd.DataFrame:
    """The scores (schemas.CRITIC_SCORES) of the attempts of the round before that a retry batch follows.

    None in round 0. ``plan`` is the batch's. Only the batches that hold these attempts are read.
    """
    import pandas as pd

    frames = [empty_frame(schemas.CRITIC_SCORES)]
    keys = _batch_keys(book, round_ - 1, (planned.slot.index for planned in plan)) if round_ else {}
    parents = [planned.origin.parent for planned in plan if planned.origin]
    for key in sorted(set(keys.values())):
        scores = TableStore(book.storage, "critic_scores", key).read()
        frames.append(scores[scores["recipe_id"].isin(parents)])
    return pd.concat(frames, ignore_index=True)


def batches_of_parents(book: OrderBook, round_: int, retries: Sequence[SlotRetry]) -> dict[str, str]:
    """Recipe id of the attempt that each of a round's retries follows, to the key of its batch."""
    if any(retry.origin.move == REDO for retry in retries):
        before = rows_before(book, round_)
        return {} if before is None else dict(zip(before["recipe_id"], before["batch"], strict=True))
    keys = _batch_keys(book, round_ - 1, (retry.slot_index for retry in retries))
    return {retry.origin.parent: keys[retry.slot_index] for retry in retries if retry.slot_index in keys}


def _batch_keys(book: OrderBook, round_: int, slots: Iterable[int]) -> dict[int, str]:
    """Slot to the key of its batch in a round, for those of ``slots`` that are in it."""
    batches, places = book.batches(round_), _places(book, round_)
    return {slot: batches[places[slot] // book.order.batch_rows].key for slot in slots if slot in places}


def _places(book: OrderBook, round_: int) -> dict[int, int]:
    """Slot to its position in a round."""
    if round_ == 0:
        return {slot: slot for slot in range(book.brief.slot_count)}
    return {retry.slot_index: place for place, retry in enumerate(book.retries(round_))}
