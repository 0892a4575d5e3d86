"""The plan of a batch: one recipe a row, never changed once it is made."""

from collections import Counter
from collections.abc import Iterable, Sequence

import dagster as dg
import pandas as pd

from genart_assets.defs.at_hand import at_hand
from genart_assets.defs.briefs import briefs, model_snapshot
from genart_assets.defs.partitions import batches
from genart_assets.defs.vocabulary import OWNERS, PLANNING
from genart_assets.errors import ModelError
from genart_assets.models.schedules import schedule_for, schedule_of
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records import SlotRetry
from genart_assets.resources.storage import StorageResource
from genart_assets.rounds import retries_of
from genart_assets.stages.plan import frame_of, plan_batch, plan_retry_batch


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
    if batch.round == 0:
        plan = plan_batch(brief, batch, schedule_of(brief.model, brief.sampler))
    else:
        retries = retries_of(store.storage, batch)
        plan = plan_retry_batch(
            brief, batch, retries, lambda steps: schedule_for(brief.model, brief.sampler.scheduler, steps)
        )
        context.add_output_metadata(retry_metadata(retries))
    context.add_output_metadata(
        {
            "brief": brief.brief,
            "round": batch.round,
            "model_snapshot": batch.model_snapshot,
            "scheduler": plan[0].recipe.schedule.scheduler,
            "steps": _range(image.recipe.steps for image in plan),
            "guidance": _range(image.recipe.guidance for image in plan),
        }
    )
    return frame_of(plan)


def retry_metadata(retries: Sequence[SlotRetry]) -> dict[str, dg.MetadataValue]:
    """How often each move is made, and where the rows come from."""
    moves = Counter(retry.origin.move for retry in retries)
    records = [dg.TableRecord({"move": move, "images": count}) for move, count in moves.most_common()]
    return {"moves": dg.MetadataValue.table(records)}


def _range(values: Iterable[float]) -> str:
    low, *between = sorted(set(values))
    return f"{low:g} to {between[-1]:g}" if between else f"{low:g}"
