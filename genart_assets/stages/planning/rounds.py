"""Retry rounds as they are stored: a record and a table each, written once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING

import pyarrow as pa
from pydantic import Field, ValidationError

from genart_assets.errors import StorageError
from genart_assets.records import schemas
from genart_assets.records.base import Record
from genart_assets.records.plan import Batch, Origin, Settings
from genart_assets.records.retry import RetryPlan, SlotRetry
from genart_assets.storage.frames import decode_frame, encode_frame
from genart_assets.storage.parts import Contents
from genart_assets.storage.records import damaged, read_record, reason_of
from genart_assets.storage.root import Storage

if TYPE_CHECKING:
    import pandas as pd

TABLE = "rounds"
RESTORE = "restore the file: the round's plan is not made anew, since its images may be stored"


class RoundRecord(Record):
    """A retry round that is planned; its rows lie beside it, in a table of ``schemas.RETRIES``."""

    rows: int = Field(ge=0, description="retries")
    exhausted: tuple[int, ...] = Field(default=(), description="failed slots for which no move was left")
    refused: dict[str, str] = Field(
        default_factory=dict, description="moves that would have left the latitudes, with the first way in which"
    )


def round_path(order_key: str, round_: int, suffix: str = "json") -> str:
    return f"rounds/{order_key}.r{round_}.{suffix}"


def sheet_path(order_key: str, round_: int) -> str:
    """Where a retry round's sheet of before and after lies, once its turn was taken."""
    return f"reports/{order_key}.r{round_}.webp"


def last_round(storage: Storage, order_key: str) -> int:
    """The highest round of an order that is planned; it may have no rows."""
    return next(round_ for round_ in count() if not storage.exists(round_path(order_key, round_ + 1)))


def round_record(storage: Storage, order_key: str, round_: int) -> RoundRecord | None:
    """The record of a retry round; None where it is not planned.

    Raises:
        StorageError: it is damaged.
    """
    path = round_path(order_key, round_)
    return read_record(storage, path, RoundRecord, remedy=RESTORE) if storage.exists(path) else None


def write_round(storage: Storage, order_key: str, round_: int, plan: RetryPlan) -> None:
    """Store the plan of a round, unless it is there; its record is written last."""
    table = encode_frame(TABLE, schemas.RETRIES, _frame(plan.retries), Contents(ids=(), failures={}))
    storage.write_once(round_path(order_key, round_, "parquet"), table)
    record = RoundRecord(rows=len(plan.retries), exhausted=tuple(plan.exhausted), refused=plan.refused)
    storage.write_once(round_path(order_key, round_), record.canonical().encode())


def retries_in(storage: Storage, order_key: str, round_: int) -> list[SlotRetry]:
    """The rows of a retry round, in order.

    Raises:
        StorageError: the table is missing or damaged.
    """
    path = round_path(order_key, round_, "parquet")
    data = storage.read(path)
    try:
        frame = decode_frame(TABLE, schemas.RETRIES, data)
        columns = (frame[name] for name in ("slot_index", "settings", "parent", "move", "reason"))
        return [
            SlotRetry(
                slot_index=int(slot),
                settings=Settings.model_validate_json(str(settings)),
                origin=Origin(parent=str(parent), move=str(move), reason=str(reason)),
            )
            for slot, settings, parent, move, reason in zip(*columns, strict=True)
        ]
    except ValidationError as error:
        raise damaged(storage, path, reason_of(error), remedy=RESTORE) from error
    except (pa.ArrowException, OSError) as error:  # a cut file is the one, a damaged page the other
        raise damaged(storage, path, str(error), remedy=RESTORE) from error


def retries_of(storage: Storage, batch: Batch) -> list[SlotRetry]:
    """The rows of a batch of a retry round.

    Raises:
        StorageError: the round's table is missing, damaged or too short.
    """
    rows = retries_in(storage, batch.order, batch.round)[batch.first_row : batch.first_row + batch.rows]
    if len(rows) != batch.rows:
        raise StorageError(
            f"{storage.root}/{round_path(batch.order, batch.round, 'parquet')} has too few rows for batch {batch.key}",
            remedy=RESTORE,
        )
    return rows


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
