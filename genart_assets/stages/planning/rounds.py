"""Retry rounds as they are stored: their batches, rows and attempts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from genart_assets.errors import StorageError
from genart_assets.records import schemas
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Batch, Origin, Settings
from genart_assets.records.retry import REDO, Attempt, RetryPlan, SlotRetry
from genart_assets.records.verdict import verdicts_of
from genart_assets.stages.planning.catalogue import Order, RoundRecord, round_path, rows_of_round
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.planning.plan import batches_of
from genart_assets.storage.frames import decode_frame, empty_frame, encode_frame
from genart_assets.storage.parts import Contents
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

if TYPE_CHECKING:
    import pandas as pd

TABLE = "rounds"
OF_THE_PLAN = ["recipe_id", "slot_index", "parent", "move", "reason"]


def sheet_path(order_key: str, round_: int) -> str:
    """Where a retry round's sheet of before and after lies, once its turn was taken."""
    return f"reports/{order_key}.r{round_}.webp"


def batches_of_round(storage: Storage, brief: Brief, order: Order, round_: int) -> list[Batch]:
    """The batches of a round, as far as it is planned; none before that."""
    rows = rows_of_round(storage, brief, order, round_)
    return list(batches_of(brief, order.model_snapshot, order.batch_rows, round_, rows))


def is_judged(storage: Storage, brief: Brief, order: Order, round_: int) -> bool:
    """Whether a round is planned and all of its batches have verdicts."""
    batches = batches_of_round(storage, brief, order, round_)
    return bool(batches) and all(
        TableStore(storage, "verdicts", batch.key, schemas.VERDICTS).sealed() for batch in batches
    )


def write_round(storage: Storage, order: Order, round_: int, plan: RetryPlan) -> None:
    """Store the plan of a round, unless it is there; its record is written last."""
    table = encode_frame(TABLE, schemas.RETRIES, _frame(plan.retries), Contents(ids=(), failures={}))
    storage.write_once(round_path(order.key, round_, "parquet"), table)
    record = RoundRecord(rows=len(plan.retries), exhausted=tuple(plan.exhausted), refused=plan.refused)
    storage.write_once(round_path(order.key, round_), record.canonical().encode())


def last_round(storage: Storage, order: Order) -> int:
    """The highest round that is planned; it may have no rows."""
    return next(round_ for round_ in count() if not storage.exists(round_path(order.key, round_ + 1)))


def rounds_have_ended(storage: Storage, brief: Brief, order: Order) -> bool:
    """Whether every planned batch has its verdicts and no retry round is due."""
    last = last_round(storage, order)
    batches = [batch for number in range(last + 1) for batch in batches_of_round(storage, brief, order, number)]
    if not all(TableStore(storage, "verdicts", batch.key, schemas.VERDICTS).sealed() for batch in batches):
        return False
    return last >= brief.retry.rounds or not failing_slots(storage, brief, order, last)


def retries_of(storage: Storage, batch: Batch) -> list[SlotRetry]:
    """The rows of a batch of a retry round."""
    rows = _retries(storage, batch.order, batch.round)[batch.first_row : batch.first_row + batch.rows]
    if len(rows) != batch.rows:
        raise StorageError(
            f"{storage.root}/{round_path(batch.order, batch.round, 'parquet')} has too few rows for batch {batch.key}",
            remedy="restore the file: the round's plan is not made anew, since its images may be stored",
        )
    return rows


def rows_of(storage: Storage, brief: Brief, order: Order, round_: int) -> pd.DataFrame:
    """A round as a frame, a row an image: recipe_id, slot_index, batch, parent, move, reason, and schemas.VERDICTS."""
    import pandas as pd

    batches = batches_of_round(storage, brief, order, round_)
    return pd.concat([rows_of_batch(storage, batch.key) for batch in batches], ignore_index=True)


def rows_of_batch(storage: Storage, batch: str) -> pd.DataFrame:
    """The rows of one judged batch, as `rows_of`."""
    plan = TableStore(storage, "generation_plan", batch, schemas.PLAN).read()
    verdicts = TableStore(storage, "verdicts", batch, schemas.VERDICTS).read()
    return plan[OF_THE_PLAN].merge(verdicts, on="recipe_id").assign(batch=batch)


def rows_before(storage: Storage, brief: Brief, order: Order, round_: int) -> pd.DataFrame | None:
    """The rows of the rounds in which a round's parents lie, as `rows_of`; None for round 0.

    A retry follows the round before it; a round of what reviewers sent back follows any.
    """
    import pandas as pd

    if not round_:
        return None
    retries = _retries(storage, order.key, round_)
    first = 0 if any(retry.origin.move == REDO for retry in retries) else round_ - 1
    there = [number for number in range(first, round_) if rows_of_round(storage, brief, order, number)]
    return pd.concat([rows_of(storage, brief, order, number) for number in there], ignore_index=True)


def failing_slots(storage: Storage, brief: Brief, order: Order, round_: int) -> dict[int, list[Attempt]]:
    """The slots that failed in a round, each with its attempts up to then, oldest first.

    None of a batch that is held, and none that a reviewer had rendered again: a person sees them instead.
    """
    found: dict[int, list[Attempt]] = {}
    for number in reversed(range(round_ + 1)):
        if not rows_of_round(storage, brief, order, number):
            continue
        rows = rows_of(storage, brief, order, number)
        rows = rows[~rows["passed"].astype(bool) & rows["held"].isna() & (rows["move"] != REDO)]
        if number < round_:
            rows = rows[rows["slot_index"].isin(found)]
        settings = _settings(storage, brief, order, number)
        for slot, move, verdict in zip(rows["slot_index"], rows["move"], verdicts_of(rows), strict=True):
            attempt = Attempt(
                round=number,
                recipe_id=verdict.recipe_id,
                settings=settings[int(slot)] if number else settings[0],
                move=move if number else None,
                failed=verdict.failed,
            )
            found.setdefault(int(slot), []).insert(0, attempt)
    return found


def scores_before(storage: Storage, brief: Brief, order: Order, round_: int, plan: pd.DataFrame) -> pd.DataFrame:
    """The scores (schemas.CRITIC_SCORES) of the attempts of the round before that a retry batch follows.

    None in round 0. ``plan`` is the batch's, of schemas.PLAN. Only the batches that hold these attempts are read.
    """
    import pandas as pd

    frames = [empty_frame(schemas.CRITIC_SCORES)]
    keys = _batch_keys(storage, brief, order, round_ - 1, map(int, plan["slot_index"])) if round_ else {}
    for key in sorted(set(keys.values())):
        scores = TableStore(storage, "critic_scores", key, schemas.CRITIC_SCORES).read()
        frames.append(scores[scores["recipe_id"].isin(plan["parent"])])
    return pd.concat(frames, ignore_index=True)


def batches_of_parents(
    storage: Storage, brief: Brief, order: Order, round_: int, retries: Sequence[SlotRetry]
) -> dict[str, str]:
    """Recipe id of the attempt that each of a round's retries follows, to the key of its batch."""
    if any(retry.origin.move == REDO for retry in retries):
        before = rows_before(storage, brief, order, round_)
        return {} if before is None else dict(zip(before["recipe_id"], before["batch"], strict=True))
    keys = _batch_keys(storage, brief, order, round_ - 1, (retry.slot_index for retry in retries))
    return {retry.origin.parent: keys[retry.slot_index] for retry in retries if retry.slot_index in keys}


def _batch_keys(storage: Storage, brief: Brief, order: Order, round_: int, slots: Iterable[int]) -> dict[int, str]:
    """Slot to the key of its batch in a round, for those of ``slots`` that are in it."""
    batches, places = batches_of_round(storage, brief, order, round_), _places(storage, brief, order, round_)
    return {slot: batches[places[slot] // order.batch_rows].key for slot in slots if slot in places}


def _places(storage: Storage, brief: Brief, order: Order, round_: int) -> dict[int, int]:
    """Slot to its position in a round."""
    if round_ == 0:
        return {slot: slot for slot in range(brief.slot_count)}
    return {retry.slot_index: place for place, retry in enumerate(_retries(storage, order.key, round_))}


def _settings(storage: Storage, brief: Brief, order: Order, round_: int) -> dict[int, Settings]:
    """Slot to settings of a retry round; in round 0 all slots have those under 0."""
    if round_ == 0:
        return {0: settings_of(brief)}
    return {retry.slot_index: retry.settings for retry in _retries(storage, order.key, round_)}


def _frame(retries: Sequence[SlotRetry]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "slot_index": pd.array([retry.slot_index for retry in retries], dtype="int64"),
            "settings": [retry.settings.canonical() for retry in retries],
            "parent": [retry.origin.parent for retry in retries],
            "move": [retry.origin.move for retry in retries],
            "reason": [retry.origin.reason for retry in retries],
        }
    )


def _retries(storage: Storage, order_key: str, round_: int) -> list[SlotRetry]:
    frame = decode_frame(TABLE, schemas.RETRIES, storage.read(round_path(order_key, round_, "parquet")))
    columns = (frame[name] for name in ("slot_index", "settings", "parent", "move", "reason"))
    return [
        SlotRetry(
            slot_index=int(slot),
            settings=Settings.model_validate_json(str(settings)),
            origin=Origin(parent=str(parent), move=str(move), reason=str(reason)),
        )
        for slot, settings, parent, move, reason in zip(*columns, strict=True)
    ]
