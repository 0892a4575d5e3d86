"""Uses Feast as an embedded feature store: registry, parquet files for DuckDB, SQLite online store, in one folder."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from genart_assets.errors import InputError
from genart_assets.features.feast_process import FeastProcess, feast_python
from genart_assets.features.folder import feature_folder
from genart_assets.features.protocol import column_of
from genart_assets.features.registry_diff import RegistryDiff, registry_diff
from genart_assets.features.views import EVENT_TIME, View
from genart_assets.storage.root import Storage

if TYPE_CHECKING:
    import pandas as pd

ROW = "genart_row"


class FeastStore:
    """A `FeatureStore` that Feast implements; `feast_store` opens one."""

    def __init__(self, folder: Path, process: FeastProcess) -> None:
        self._folder, self._process = folder, process

    def registered(self) -> tuple[View, ...]:
        return tuple(View.model_validate(view) for view in self._process.ask("registered"))

    def apply(self, tables: Mapping[View, pa.Table]) -> RegistryDiff:
        diff = registry_diff(self.registered(), tables)
        for view, table in tables.items():
            _write(table, self._folder / f"{view.name}.parquet")
        self._process.ask("apply", views=[view.model_dump() for view in tables])
        return diff

    def materialise(self, until: datetime) -> None:
        self._process.ask("materialise", until=until.isoformat())

    def historical(self, entities: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
        import pandas as pd

        schema = self._schema_of(features)
        keys = [name for name in entities.columns if name in self._keys()]
        asked = entities[[*keys, EVENT_TIME]].reset_index(drop=True).rename_axis(ROW).reset_index()
        with TemporaryDirectory() as exchanged:
            given, found = Path(exchanged) / "entities.parquet", Path(exchanged) / "features.parquet"
            pq.write_table(pa.Table.from_pandas(asked, preserve_index=False).replace_schema_metadata(None), given)
            self._process.ask("historical", entities=str(given), features=list(features), into=str(found))
            frame = _typed(pq.read_table(found).select(schema.names), schema)
        return pd.concat([entities, frame.set_index(entities.index)], axis=1)

    def online(self, keys: Sequence[Mapping[str, str]], features: Sequence[str]) -> pd.DataFrame:
        import pandas as pd

        schema = self._schema_of(features)
        given = [dict(key) for key in keys]
        found = self._process.ask("online", keys=given, features=list(features))
        frame = _typed(
            pa.table({name: pa.array(found[name], schema.field(name).type) for name in schema.names}), schema
        )
        return pd.concat([pd.DataFrame(given), frame], axis=1)

    def _keys(self) -> set[str]:
        return {view.entity.key for view in self.registered()}

    def _schema_of(self, features: Sequence[str]) -> pa.Schema:
        known = {
            name: view.columns.field(name.partition(":")[2]).type
            for view in self.registered()
            for name in view.references
        }
        for name in features:
            if name not in known:
                remedy = f"use one of {', '.join(known)}" if known else "materialise the asset feature_store"
                raise InputError(f"no feature {name!r} is registered", remedy=remedy)
                raise InputError(f"no feature {name!r} is registered", remedy=remedy)
        return pa.schema([(column_of(name), known[name]) for name in features])


@contextmanager
def feast_store(storage: Storage) -> Generator[FeastStore]:
    """Open the feature store in a storage's folder ``features/``; another process waits until the block ends.

    Raises:
        FeatureStoreError: Feast is not installed.
    """
    python = feast_python()
    with feature_folder(storage) as folder, FeastProcess(folder, python) as process:
        yield FeastStore(folder, process)


def _typed(table: pa.Table, schema: pa.Schema) -> pd.DataFrame:
    """A data frame in which integers and booleans stay what they are beside nulls."""
    import pandas as pd

    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    return table.cast(schema).replace_schema_metadata(None).to_pandas(types_mapper=nullable.get)


def _write(table: pa.Table, path: Path) -> None:
    new = path.with_suffix(".new")
    pq.write_table(table, new, compression="zstd")
    os.replace(new, path)
