"""Keeps an asset's table: parquet with the columns that schemas.py declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import pyarrow as pa

from genart_assets.defs.io_managers.batches import asset_and_batch, store
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.errors import GenartError
from genart_assets.records.schemas import BY_ASSET
from genart_assets.storage.tables import Frames, TableStore

if TYPE_CHECKING:
    import pandas as pd

_SAMPLE_LINES = 5
_CELL_CHARACTERS = 120
_LARGEST_IN_A_BROWSER = 2**53


class TableIOManager(dg.ConfigurableIOManager):
    """Takes a DataFrame, or a RowStream of them, and stores what is missing; gives a DataFrame."""

    store: StorageResource

    def handle_output(self, context: dg.OutputContext, obj: Frames) -> None:
        import pandas as pd

        asset, batch = asset_and_batch(context)
        table = TableStore(self.store.storage, asset, batch, _schema(asset))
        store(context, obj, lambda progress: table.write(obj, progress), pd.DataFrame)
        lines = table.read()
        context.add_output_metadata(
            {
                "lines": len(lines),
                "dagster/row_count": len(lines),
                "dagster/column_schema": _columns(_schema(asset)),
                "sample": _sample(lines, _schema(asset)),
            }
        )

    def load_input(self, context: dg.InputContext) -> pd.DataFrame:
        asset, batch = asset_and_batch(context)
        return TableStore(self.store.storage, asset, batch, _schema(asset)).read()


def _schema(asset: str) -> pa.Schema:
    if asset not in BY_ASSET:
        raise GenartError(
            f"the columns of table {asset} are not declared", remedy="Declare them in genart_assets/schemas.py."
        )
    return BY_ASSET[asset]


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
