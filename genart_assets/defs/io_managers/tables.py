"""Keeps an asset's table: parquet with the columns that schemas.py declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import pyarrow as pa

from genart_assets.defs.io_managers.batches import asset_and_batch, store
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import Frames, TableStore, schema_of

if TYPE_CHECKING:
    import pandas as pd

_SAMPLE_LINES = 5
_CELL_CHARACTERS = 120
_LARGEST_IN_A_BROWSER = 2**53


class TableIOManager(dg.ConfigurableIOManager):
    """Takes a DataFrame, or a RowStream of them, and stores what is missing; gives a DataFrame."""

    store: StorageResource

    def handle_output(self, context: dg.OutputContext, obj: Frames) -> None:
        store_table(context, self.store.storage, obj)

    def load_input(self, context: dg.InputContext) -> pd.DataFrame:
        asset, batch = asset_and_batch(context)
        return TableStore(self.store.storage, asset, batch).read()


def store_table(context: dg.OutputContext, storage: Storage, frames: Frames) -> None:
    """Store an asset's table, or what is missing of it, and show its columns and first lines."""
    import pandas as pd

    asset, batch = asset_and_batch(context)
    table = TableStore(storage, asset, batch)
    store(context, frames, lambda progress: table.write(frames, progress), pd.DataFrame)
    lines = table.read()
    context.add_output_metadata(
        {
            "lines": len(lines),
            "dagster/row_count": len(lines),
            "dagster/column_schema": _columns(schema_of(asset)),
            "sample": _sample(lines, schema_of(asset)),
        }
    )


def _columns(schema: pa.Schema) -> dg.TableSchema:
    return dg.TableSchema([dg.TableColumn(field.name, str(field.type)) for field in schema])


def _sample(lines: pd.DataFrame, schema: pa.Schema) -> dg.MetadataValue:
    """The first lines, long cells cut."""
    import pandas as pd

    records = [
        dg.TableRecord({str(name): None if pd.isna(cell) else _short(cell) for name, cell in line.items()})
        for line in lines.head(_SAMPLE_LINES).to_dict("records")
    ]
    return dg.MetadataValue.table(records, _columns(schema))


def _short(cell: object) -> str | int | float | bool:
    if isinstance(cell, (bool, float)) or (isinstance(cell, int) and abs(cell) <= _LARGEST_IN_A_BROWSER):
        return cell
    text = str(cell)
    return text if len(text) <= _CELL_CHARACTERS else f"{text[:_CELL_CHARACTERS]}…"
