"""One tick of a sensor, as the daemon makes it."""

from __future__ import annotations

import dagster as dg
from dagster._core.definitions.sensor_definition import SensorExecutionData

from genart_assets.definitions import defs
from genart_assets.defs.resources.storage import StorageResource
from genart_assets_tests.defs.studio import Studio


def tick(studio: Studio, sensor: str, cursor: str | None = None) -> SensorExecutionData:
    """Evaluate a sensor; its run requests are resolved against the partitions that are there."""
    repository = defs.get_repository_def()
    with (
        dg.partition_loading_context(dynamic_partitions_store=studio.instance),
        dg.build_sensor_context(
            instance=studio.instance,
            cursor=cursor,
            repository_def=repository,
            sensor_name=sensor,
            resources={"store": StorageResource(root=studio.storage.root)},
        ) as context,
    ):
        return repository.get_sensor_def(sensor).evaluate_tick(context)


def run_keys(told: SensorExecutionData) -> list[str]:
    return [str(request.run_key) for request in told.run_requests or []]


def partitions(told: SensorExecutionData) -> list[str]:
    return [str(request.partition_key) for request in told.run_requests or []]
