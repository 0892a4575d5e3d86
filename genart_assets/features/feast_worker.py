"""Runs Feast in a process and an environment of its own: reads requests and writes answers, one JSON object per line.

The Python of an environment that may not have this package starts it as a file. So it imports only the standard
library, Feast and what Feast installs. Data frames are exchanged as parquet files.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

PROJECT = "genart"
ROW = "genart_row"
EVENT_TIME, CREATED = "event_timestamp", "created"
KINDS = {"string": "String", "int64": "Int64", "float64": "Float64", "bool": "Bool"}


class Worker:
    """Answers requests with Feast; each public method is one kind of request."""

    def __init__(self, folder: str) -> None:
        feast: Any = import_module("feast")
        self._feast, self._types = feast, import_module("feast.types")
        os.chdir(folder)  # Feast stores relative paths, so that the folder can be moved
        config = feast.RepoConfig(
            project=PROJECT,
            provider="local",
            registry="registry.db",
            offline_store={"type": "duckdb"},
            online_store={"type": "sqlite", "path": "online.db"},
            entity_key_serialization_version=3,
        )
        self._store: Any = feast.FeatureStore(config=config)

    def registered(self) -> list[dict[str, Any]]:
        entities = {one.name: one for one in self._store.list_entities()}
        return [
            {
                "name": view.name,
                "entity": _described(entities[view.entities[0]], key=entities[view.entities[0]].join_key),
                "features": [_described(one, kind=self._kind(one.dtype)) for one in view.features],
                "description": view.description,
            }
            for view in sorted(self._store.list_feature_views(), key=lambda view: view.name)
        ]

    def apply(self, views: list[dict[str, Any]]) -> None:
        entities = {view["entity"]["name"]: self._entity(view["entity"]) for view in views}
        made = [self._view(view, entities[view["entity"]["name"]]) for view in views]
        names = {view.name for view in made}
        gone = [view for view in self._store.list_feature_views() if view.name not in names]
        gone += [one for one in self._store.list_entities() if one.name not in entities]
        self._store.apply([*entities.values(), *made], objects_to_delete=gone, partial=False)

    def materialise(self, until: str) -> None:
        self._store.materialize(datetime(1970, 1, 1, tzinfo=UTC), datetime.fromisoformat(until))

    def historical(self, entities: str, features: list[str], into: str) -> None:
        parquet = import_module("pyarrow.parquet")
        given = import_module("pandas").read_parquet(entities)
        job = self._store.get_historical_features(entity_df=given, features=features, full_feature_names=True)
        parquet.write_table(job.to_arrow().sort_by(ROW), into)

    def online(self, keys: list[dict[str, str]], features: list[str]) -> dict[str, list[Any]]:
        return self._store.get_online_features(features=features, entity_rows=keys, full_feature_names=True).to_dict()

    def _entity(self, entity: dict[str, str]) -> Any:
        text = import_module("feast.value_type").ValueType.STRING
        name, key = entity["name"], entity["key"]
        return self._feast.Entity(name=name, join_keys=[key], value_type=text, description=entity["description"])

    def _view(self, view: dict[str, Any], entity: Any) -> Any:
        types, field = self._types, self._feast.Field
        features = [
            field(name=one["name"], dtype=getattr(types, KINDS[one["kind"]]), description=one["description"])
            for one in view["features"]
        ]
        source = self._feast.FileSource(
            name=view["name"],
            path=f"{view['name']}.parquet",
            timestamp_field=EVENT_TIME,
            created_timestamp_column=CREATED,
        )
        return self._feast.FeatureView(
            name=view["name"],
            entities=[entity],
            ttl=timedelta(0),  # features do not expire
            schema=[field(name=entity.join_key, dtype=types.String), *features],
            source=source,
            description=view["description"],
        )

    def _kind(self, dtype: Any) -> str:
        return next(kind for kind, name in KINDS.items() if getattr(self._types, name) == dtype)


def _described(one: Any, **more: str) -> dict[str, str]:
    return {"name": one.name, "description": one.description, **more}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what Feast prints must not mix with the answers
    worker: Worker | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            worker = worker or Worker(request["folder"])
            answer = {"answer": getattr(worker, request["do"])(**request["with"])}
        except Exception as error:  # noqa: BLE001  (sent to the process that asked)
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
