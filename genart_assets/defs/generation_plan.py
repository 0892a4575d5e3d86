"""The plan of a batch: one recipe a row, never changed once it is made."""

import dagster as dg
import pandas as pd

from genart_assets.defs.at_hand import at_hand
from genart_assets.defs.briefs import briefs, model_snapshot
from genart_assets.defs.partitions import batches
from genart_assets.defs.vocabulary import OWNERS, PLANNING
from genart_assets.errors import ModelError
from genart_assets.models.schedules import schedule_of
from genart_assets.models.snapshot import take_snapshot
from genart_assets.resources.storage import StorageResource
from genart_assets.stages.plan import frame_of, plan_batch


@dg.asset(
    partitions_def=batches,
    deps=[briefs, model_snapshot],
    io_manager_key="tables",
    group_name=PLANNING,
    kinds={"pandas", "parquet"},
    owners=OWNERS,
    code_version="1",
)
def generation_plan(context: dg.AssetExecutionContext, store: StorageResource) -> pd.DataFrame:
    """Every image of the batch as a recipe: prompts, seed, noise schedule, size, model snapshot."""
    brief, batch = at_hand(context, store)
    now = take_snapshot(batch.model).snapshot_id
    if now != batch.model_snapshot:
        raise ModelError(
            f"batch {batch.key} is planned for snapshot {batch.model_snapshot[:12]}, "
            f"model {batch.model!r} is now {now[:12]}",
            remedy="put the old weights back, or run the brief again: it then plans new batches for the new weights",
        )
    plan = plan_batch(brief, batch, schedule_of(brief.model, brief.sampler))
    context.add_output_metadata(
        {
            "brief": brief.brief,
            "round": batch.round,
            "model_snapshot": batch.model_snapshot,
            "scheduler": plan[0].recipe.schedule.scheduler,
            "steps": brief.sampler.steps,
            "guidance": brief.sampler.guidance,
        }
    )
    return frame_of(plan)
