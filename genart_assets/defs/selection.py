"""Selection starts delivery: each batch whose `selected_images` appears gets a run of its own on CPUs."""

import dagster as dg

from genart_assets.defs.jobs import deliver
from genart_assets.resources.tags import DRIVER, FOREGROUND

BATCHES_PER_TICK = 20


@dg.sensor(job=deliver, minimum_interval_seconds=5, default_status=dg.DefaultSensorStatus.RUNNING)
def selection_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """One delivery run for every materialisation of `selected_images`, oldest first.

    The cursor is the storage id of the last event seen, so a tick costs the same with ten batches or ten thousand.
    Batches that a `genart run` in the foreground renders are left to it.
    """
    after = int(context.cursor or 0)
    found = context.instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey("selected_images"), after_storage_id=after),
        limit=BATCHES_PER_TICK,
        ascending=True,
    )
    requests = []
    for record in found.records:
        after = record.storage_id
        run = context.instance.get_run_by_id(record.run_id)
        if record.partition_key and not (run and run.tags.get(DRIVER) == FOREGROUND):
            run_key = f"deliver:{record.partition_key}:{record.run_id}"
            requests.append(dg.RunRequest(run_key=run_key, partition_key=record.partition_key))
    return dg.SensorResult(
        run_requests=requests, skip_reason=None if requests else "nothing newly selected", cursor=str(after)
    )
