"""What people said of the images of some orders, as far as it was taken in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from genart_assets.records import schemas
from genart_assets.records.decision import Reviewed
from genart_assets.stages.reviewing.settlements import Settlement, settlement_key, settlements_of, standing_accepts
from genart_assets.storage.frames import empty_frame
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

if TYPE_CHECKING:
    import pandas as pd


def settled_feedback(storage: Storage, order_keys: Iterable[str]) -> pd.DataFrame:
    """All lines of schemas.HUMAN_FEEDBACK that are stored, order by order, settlement by settlement.

    Raises:
        StorageError: a settlement or a table is damaged.
    """
    import pandas as pd

    tables = [empty_frame(schemas.HUMAN_FEEDBACK)]
    for order_key in order_keys:
        tables += [table.read() for _, table in _with_tables(storage, order_key)]
    return pd.concat(tables, ignore_index=True)


def settled_accepts(storage: Storage, order_key: str) -> dict[str, Reviewed]:
    """Recipe id to image of an order's acceptances that stand, by the settlements whose feedback is stored.

    Raises:
        StorageError: a settlement is damaged.
    """
    return standing_accepts(settlement for settlement, _ in _with_tables(storage, order_key))


def _with_tables(storage: Storage, order_key: str) -> Iterator[tuple[Settlement, TableStore]]:
    for number, settlement in enumerate(settlements_of(storage, order_key)):
        table = TableStore(storage, "human_feedback", settlement_key(order_key, number))
        if table.sealed():
            yield settlement, table
