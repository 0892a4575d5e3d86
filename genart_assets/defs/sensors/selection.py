"""Selection starts delivery: each batch whose `selected_images` appears gets a run of its own on CPUs."""

import dagster as dg

from genart_assets.defs.jobs import deliver
from genart_assets.defs.resources.tags import DRIVER, FOREGROUND

RUNS_PER_TICK = 20
EVENTS_PER_TICK = 500
"""Events that a tick looks at: after a long `genart run` many of them ask for nothing."""


@dg.sensor(job=deliver, minimum_interval_seconds=5, default_status=dg.DefaultSensorStatus.RUNNING)
def selection_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """One delivery run for every materialisation of `selected_images`, oldest first.

    The cursor is the storage id of the last event seen, so a tick costs the same with ten batches or ten thousand.
    Batches that a `genart run` in the foreground renders are left to it.
    """
    seen = int(context.cursor or 0)
    found = context.instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=dg.AssetKey("selected_images"), after_storage_id=seen),
        limit=EVENTS_PER_TICK,
        ascending=True,
    ).records
    runs = context.instance.get_runs(dg.RunsFilter(run_ids=list({record.run_id for record in found}))) if found else []
    foreground = {run.run_id for run in runs if run.tags.get(DRIVER) == FOREGROUND}
    requests: list[dg.RunRequest] = []
    for record in found:
        if len(requests) == RUNS_PER_TICK:
            break
        seen = record.storage_id
        if record.partition_key and record.run_id not in foreground:
            run_key = f"deliver:{record.partition_key}:{record.run_id}"
            requests.append(dg.RunRequest(run_key=run_key, partition_key=record.partition_key))
    return dg.SensorResult(
        run_requests=requests, skip_reason=None if requests else "nothing newly selected", cursor=str(seen)
    )
