"""Uses Hopsworks as a feature store; the adapter was never run against a server, since none was available.

It follows the documentation and the code of the client `hopsworks` 5.2, and its calls were checked against the
client's signatures. How a server handles them (types, time zones, the online store) is not known. The client needs
pandas 2, as Feast does; without the constraints it can share an environment with this package (checked by a dry run of
pip).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from genart_assets.errors import FeatureStoreError
from genart_assets.features.protocol import column_of
from genart_assets.features.registry_diff import RegistryDiff, registry_diff
from genart_assets.features.views import BRIEF, EVENT_TIME, IMAGE, SLOT, STYLE, Feature, Kind, View

if TYPE_CHECKING:
    import pandas as pd

PREFIX = "genart_"
VERSION = 1
ROWS_AT_ONCE = 1_000_000
"""Most rows of entities that the client takes at once."""
_TYPES: dict[Kind, tuple[str, str]] = {
    "string": ("string", "text"),
    "int64": ("bigint", "bigint"),
    "float64": ("double", "double"),
    "bool": ("boolean", "boolean"),
}
_KINDS: dict[str, Kind] = {offline: kind for kind, (offline, _) in _TYPES.items()}
_ENTITIES = {entity.key: entity for entity in (IMAGE, SLOT, BRIEF, STYLE)}


class HopsworksStore:
    """A `FeatureStore` that Hopsworks implements. Each view is a feature group and a feature view of one version.

    A changed view is deleted and made again; its rows come from the storage. The store has a resolution of one
    millisecond, as `moments.py` does. Errors of the client are passed on unchanged.
    """

    def __init__(self, store: Any) -> None:
        """``store`` is the client's, ``hopsworks.login(…).get_feature_store()``."""
        self._store = store

    def registered(self) -> tuple[View, ...]:
        return tuple(sorted((_view_of(group) for group in self._groups()), key=lambda view: view.name))

    def apply(self, tables: Mapping[View, pa.Table]) -> RegistryDiff:
        diff = registry_diff(self.registered(), tables)
        for group in self._groups():
            if _view_of(group) not in tables:
                group.delete(delete_feature_views=True)
        for view, table in tables.items():
            group = self._made(view)
            group.insert(table.to_pandas(), overwrite=True, storage="offline", wait=True)
            query = group.select([one.name for one in view.features])
            self._store.get_or_create_feature_view(PREFIX + view.name, query, VERSION, view.description)
        return diff

    def materialise(self, until: datetime) -> None:
        import pandas as pd

        for group in self._groups():
            rows = group.read(dataframe_type="pandas")
            rows = rows[rows[EVENT_TIME] <= pd.Timestamp(until)].sort_values(EVENT_TIME, kind="stable")
            latest = rows.drop_duplicates(_view_of(group).entity.key, keep="last")
            group.insert(latest, storage="online", wait=True)

    def historical(self, entities: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
        import pandas as pd

        found: dict[str, list[object]] = {column_of(feature): [] for feature in features}
        for view, client_view, some in self._asked(features):
            for first in range(0, len(entities), ROWS_AT_ONCE):
                spine = entities[[view.entity.key, EVENT_TIME]].iloc[first : first + ROWS_AT_ONCE]
                lines = client_view.get_batch_data(spine_df=spine.reset_index(drop=True), dataframe_type="pandas")
                for feature in some:
                    found[f"{view.name}__{feature}"] += list(lines[feature])
        return pd.concat([entities, pd.DataFrame(found, index=entities.index)], axis=1)

    def online(self, keys: Sequence[Mapping[str, str]], features: Sequence[str]) -> pd.DataFrame:
        import pandas as pd

        given = pd.DataFrame(list(keys))
        frames = [given]
        for view, client_view, some in self._asked(features):
            asked = [{view.entity.key: key[view.entity.key]} for key in keys]
            lines = client_view.get_feature_vectors(serving_keys=asked, return_type="pandas", allow_missing=True)
            frames.append(lines[some].rename(columns={feature: f"{view.name}__{feature}" for feature in some}))
        return pd.concat(frames, axis=1)[[*given.columns, *map(column_of, features)]]

    def _groups(self) -> list[Any]:
        return [group for group in self._store.get_feature_groups() if group.name.startswith(PREFIX)]

    def _asked(self, features: Sequence[str]) -> Iterator[tuple[View, Any, list[str]]]:
        """For each view: its record, the client's feature view, and the requested features."""
        views = {view.name: view for view in self.registered()}
        for name in dict.fromkeys(feature.partition(":")[0] for feature in features):
            client_view = self._store.get_feature_view(PREFIX + name, VERSION) if name in views else None
            if client_view is None:
                raise FeatureStoreError(f"Hopsworks has no feature view {PREFIX}{name}", remedy="apply the views first")
            yield views[name], client_view, [one.partition(":")[2] for one in features if one.startswith(f"{name}:")]

    def _made(self, view: View) -> Any:
        Column: Any = import_module("hsfs.feature").Feature
        columns = [Column(view.entity.key, type="string", online_type="varchar(256)")]
        for one in view.features:
            offline, online = _TYPES[one.kind]
            columns.append(Column(one.name, type=offline, online_type=online, description=one.description))
        return self._store.get_or_create_feature_group(
            PREFIX + view.name,
            VERSION,
            description=view.description,
            online_enabled=True,
            primary_key=[view.entity.key],
            event_time=EVENT_TIME,
            features=[*columns, Column(EVENT_TIME, type="timestamp"), Column("created", type="timestamp")],
        )


def hopsworks_store(**login: Any) -> HopsworksStore:
    """The feature store of a Hopsworks project; ``login`` is passed to ``hopsworks.login``, beside its variables.

    Raises:
        FeatureStoreError: the client is not installed, or the server cannot be reached.
    """
    try:
        hopsworks: Any = import_module("hopsworks")
    except ImportError as error:
        raise FeatureStoreError(
            "the Hopsworks client cannot be imported",
            remedy="pip install genart-assets 'hopsworks[python]>=5.2,<6' 's3fs==2025.10.0' 'aiobotocore>=2.24'",
        ) from error
    try:
        return HopsworksStore(hopsworks.login(**login).get_feature_store())
    except OSError as error:
        raise FeatureStoreError(
            f"Hopsworks refuses the login: {error}", remedy="check host, project and key"
        ) from error


def _view_of(group: Any) -> View:
    described = {column.name: column for column in group.columns}
    key = next(name for name in described if name in group.primary_key)
    features = [
        Feature(name=name, kind=_KINDS[column.type], description=column.description or "")
        for name, column in described.items()
        if name not in (key, EVENT_TIME, "created")
    ]
    return View(
        name=group.name.removeprefix(PREFIX),
        entity=_ENTITIES[key],
        features=tuple(features),
        description=group.description or "",
    )
