"""What people said of the images of some orders, as far as it was taken in."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from genart_assets import schemas
from genart_assets.settlements import settlement_key, settlements_of
from genart_assets.storage.frames import empty_frame
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore


def settled_feedback(storage: Storage, order_keys: Iterable[str]) -> pd.DataFrame:
    """All lines of schemas.HUMAN_FEEDBACK that are stored, order by order, settlement by settlement.

    Raises:
        StorageError: a settlement or a table is damaged.
    """
    tables = [empty_frame(schemas.HUMAN_FEEDBACK)]
    for order_key in order_keys:
        for number in range(len(settlements_of(storage, order_key))):
            key = settlement_key(order_key, number)
            table = TableStore(storage, "human_feedback", key, schemas.HUMAN_FEEDBACK)
            tables += [table.read()] if table.sealed() else []
    return pd.concat(tables, ignore_index=True)
