"""Tells Dagster of weights that were exchanged, and of batches that ran although their brief was superseded."""

import os

import dagster as dg
from pydantic import Field

from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.superseded import MODEL, batches_with, changed_briefs, changed_models
from genart_assets.errors import GenartError, StorageError
from genart_assets.models.registry import HUB_ID
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.base import Record
from genart_assets.stages.acceptance.current import current_content

BATCHES_PER_TICK = 250


class Seen(Record):
    """The sensor's cursor."""

    event: int = Field(default=0, description="storage id of the last generation_plan that was looked at")
    models: dict[str, str] = Field(default_factory=dict, description="each model in use, to its snapshot at that time")
    walk: str | None = Field(default=None, description="last batch of the walk through all; None if none is under way")


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def superseded_sensor(context: dg.SensorEvaluationContext, store: StorageResource) -> dg.SensorResult:
    """Batches whose weights or whose brief have changed since they were planned become stale.

    A tick takes the snapshots of the models in use again, which costs a look at the time and size of their files, and
    looks at the batches planned since the last tick. Changed weights start a walk through all batches, some a tick.
    A hub model is pinned by its revision and is not looked at.
    """
    instance, storage = context.instance, store.storage
    seen = Seen.model_validate_json(context.cursor or "{}")
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey("generation_plan"), after_storage_id=seen.event),
        limit=BATCHES_PER_TICK,
        ascending=True,
    ).records
    keys = {record.partition_key for record in found if record.partition_key}
    damaged: dict[str, StorageError] = {}
    models = _snapshots(
        context, seen.models, {batch.model for batch in batches_with(storage, keys, damaged.setdefault)}
    )
    walk = "" if any(models[name] != told for name, told in seen.models.items()) else seen.walk
    if walk is not None:
        rest = sorted(key for key in instance.get_materialized_partitions(MODEL) if key > walk)
        keys |= {*rest[:BATCHES_PER_TICK]}
        walk = rest[BATCHES_PER_TICK - 1] if len(rest) > BATCHES_PER_TICK else None
    planned = batches_with(storage, sorted(keys), damaged.setdefault)
    for key, error in damaged.items():
        context.log.warning(f"batch {key} is not looked at: {error}")
    contents = {brief: current_content(storage, brief) for brief in {batch.brief for batch in planned}}
    events = [
        *changed_briefs(instance, planned, lambda batch: contents[batch.brief]),
        *changed_models(instance, planned, models),
    ]
    return dg.SensorResult(
        asset_events=events,
        skip_reason=f"{len(planned)} batches looked at, {len(events)} data versions reported",
        cursor=Seen(event=found[-1].storage_id if found else seen.event, models=models, walk=walk).canonical(),
    )


def _snapshots(context: dg.SensorEvaluationContext, known: dict[str, str], more: set[str]) -> dict[str, str]:
    """Model name to snapshot id as of now; one that cannot be taken now stays what it was."""
    models = dict(known)
    for name in sorted({*known, *more}):
        if HUB_ID.match(name) and not os.path.isdir(name):
            continue
        try:
            models[name] = take_snapshot(name).snapshot_id
        except GenartError as error:
            context.log.warning(f"model {name} cannot be looked at: {error}")
    return models
