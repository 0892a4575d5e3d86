"""What the adapter sees of Hopsworks' client, on a plain store. Where the client is installed, calls must fit its own.

This is no Hopsworks: it tells whether the adapter asks for the right things, not what a server makes of them.
"""

from __future__ import annotations

import importlib.util
import inspect
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pandas as pd
import pyarrow as pa

from genart_assets.features.hopsworks_store import PREFIX
from genart_assets.features.views import EVENT_TIME, View
from genart_assets_tests.features.oracle import PlainStore

INSTALLED = importlib.util.find_spec("hsfs") is not None


class Column:
    """hsfs.feature.Feature"""

    def __init__(self, name: str, type: str, description: str | None = None, online_type: str | None = None) -> None:
        self.name, self.type, self.description, self.online_type = name, type, description, online_type


@dataclass
class Group:
    store: Client
    name: str
    description: str
    primary_key: list[str]
    columns: list[Any]
    rows: dict[str, pd.DataFrame] = field(default_factory=dict)

    def insert(self, features: pd.DataFrame, **more: Any) -> None:
        _fits("hsfs.feature_group", "FeatureGroup", "insert", features, **more)
        self.rows[more["storage"]] = features

    def read(self, **more: Any) -> pd.DataFrame:
        _fits("hsfs.feature_group", "FeatureGroup", "read", **more)
        return self.rows["offline"]

    def select(self, features: list[str]) -> Group:
        _fits("hsfs.feature_group", "FeatureGroup", "select", features)
        return self

    def delete(self, **more: Any) -> None:
        _fits("hsfs.feature_group", "FeatureGroup", "delete", **more)
        del self.store.groups[self.name]
        self.store.views.pop(self.name)


@dataclass
class FeatureView:
    view: View
    group: Group

    def get_batch_data(self, **asked: Any) -> pd.DataFrame:
        _fits("hsfs.feature_view", "FeatureView", "get_batch_data", **asked)
        return self._joined("offline", asked["spine_df"])

    def get_feature_vectors(self, **asked: Any) -> pd.DataFrame:
        _fits("hsfs.feature_view", "FeatureView", "get_feature_vectors", **asked)
        return self._joined(
            "online", pd.DataFrame(asked["serving_keys"]).assign(**{EVENT_TIME: pd.Timestamp.max.tz_localize("UTC")})
        )

    def _joined(self, storage: str, entities: pd.DataFrame) -> pd.DataFrame:
        plain = PlainStore()
        plain.apply({self.view: pa.Table.from_pandas(self.group.rows[storage], preserve_index=False)})
        found = plain.historical(entities, self.view.references)
        return found.rename(columns=lambda name: name.removeprefix(f"{self.view.name}__"))


class Client:
    """hsfs.feature_store.FeatureStore"""

    def __init__(self, views: list[View]) -> None:
        self.known = {PREFIX + view.name: view for view in views}
        self.groups: dict[str, Group] = {}
        self.views: dict[str, FeatureView] = {}

    def get_feature_groups(self) -> list[Group]:
        return list(self.groups.values())

    def get_or_create_feature_group(self, name: str, version: int, **more: Any) -> Group:
        _fits("hsfs.feature_store", "FeatureStore", "get_or_create_feature_group", name, version, **more)
        made = Group(self, name, more["description"], more["primary_key"], more["features"])
        return self.groups.setdefault(name, made)

    def get_or_create_feature_view(self, name: str, query: Group, version: int, description: str) -> None:
        _fits("hsfs.feature_store", "FeatureStore", "get_or_create_feature_view", name, query, version, description)
        self.views[name] = FeatureView(self.known[name], query)

    def get_feature_view(self, name: str, version: int) -> FeatureView | None:
        _fits("hsfs.feature_store", "FeatureStore", "get_feature_view", name, version)
        return self.views.get(name)


def _fits(module: str, owner: str, method: str, *given: Any, **named: Any) -> None:
    if INSTALLED:
        inspect.signature(getattr(getattr(import_module(module), owner), method)).bind(None, *given, **named)
