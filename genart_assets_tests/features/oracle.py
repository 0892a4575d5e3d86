"""A feature store that is slow and plain: for each line it looks at every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd
import pyarrow as pa

from genart_assets.features.protocol import column_of
from genart_assets.features.registry_diff import RegistryDiff, registry_diff
from genart_assets.features.tables import feature_tables
from genart_assets.features.views import EVENT_TIME, View
from genart_assets_tests.features.samples import START


class PlainStore:
    def __init__(self) -> None:
        self._tables: dict[View, pa.Table] = {}
        self._until = START

    def registered(self) -> tuple[View, ...]:
        return tuple(sorted(self._tables, key=lambda view: view.name))

    def apply(self, tables: Mapping[View, pa.Table]) -> RegistryDiff:
        diff = registry_diff(self._tables, tables)
        self._tables = dict(tables)
        return diff

    def materialise(self, until: datetime) -> None:
        self._until = until

    def historical(self, entities: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
        rows = {view.name: (view.entity.key, table.to_pylist()) for view, table in self._tables.items()}
        found: dict[str, list[object]] = {column_of(feature): [] for feature in features}
        for line in entities.to_dict("records"):
            for feature in features:
                view, _, name = feature.partition(":")
                key, table = rows[view]
                known = [row for row in table if row[key] == line[key] and row[EVENT_TIME] <= line[EVENT_TIME]]
                latest = max(known, key=lambda row: row[EVENT_TIME], default={name: None})
                found[column_of(feature)].append(latest[name])
        return pd.concat([entities, pd.DataFrame(found, index=entities.index, dtype=object)], axis=1)

    def online(self, keys: Sequence[Mapping[str, str]], features: Sequence[str]) -> pd.DataFrame:
        return self.historical(pd.DataFrame(keys).assign(**{EVENT_TIME: self._until}), features)


def plain_store(records: pd.DataFrame, feedback: pd.DataFrame) -> PlainStore:
    store = PlainStore()
    store.apply(feature_tables(records, feedback, START).tables)
    return store


def lines(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Its lines, comparable: every null is None, every float rounded to 9 digits."""
    return [{str(name): _plain(cell) for name, cell in line.items()} for line in frame.to_dict("records")]


def _plain(cell: object) -> object:
    if pd.isna(cell):
        return None
    return round(cell, 9) if isinstance(cell, float) else cell
