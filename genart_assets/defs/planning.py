"""The plan of a batch: one recipe a row, never changed once it is made."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import dagster as dg

from genart_assets.defs.batch_asset import batch_asset
from genart_assets.defs.batch_context import batch_context
from genart_assets.defs.briefs import briefs, model_snapshot
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.shown.links import partition_link
from genart_assets.defs.vocabulary import PLANNING
from genart_assets.errors import ModelError
from genart_assets.models.schedules import schedule_for, schedule_of
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.plan import PlannedImage
from genart_assets.records.retry import SlotRetry
from genart_assets.stages.planning.parents import batches_of_parents
from genart_assets.stages.planning.plan import plan_batch, plan_retry_batch
from genart_assets.stages.planning.rounds import retries_of

PARENTS_SHOWN = 100
"""A table of a thousand rows is no page to read."""


@batch_asset(group=PLANNING, io="plans", kinds={"pandas", "parquet"}, deps=[briefs, model_snapshot])
def generation_plan(context: dg.AssetExecutionContext, store: StorageResource) -> list[PlannedImage]:
    """Every image of the batch as a recipe: prompts, seed, noise schedule, size, model snapshot."""
    book, batch = batch_context(context, store)
    brief = book.brief
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
        parents = batches_of_parents(book, batch.round, retries)
        context.add_output_metadata(retry_metadata(retries, parents))
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
    return plan


def retry_metadata(retries: Sequence[SlotRetry], batch_of: Mapping[str, str]) -> dict[str, dg.MetadataValue]:
    """How often each move is made, the attempts that the rows follow, and links to the batches of these.

    ``batch_of`` gives the batch of each parent.
    """
    moves = Counter(retry.origin.move for retry in retries)
    parents = [
        {
            "slot": retry.slot_index,
            "parent": retry.origin.parent[:12],
            "parent_batch": batch_of.get(retry.origin.parent, "unknown"),
            "move": retry.origin.move,
            "reason": retry.origin.reason,
        }
        for retry in retries[:PARENTS_SHOWN]
    ]
    batches_before = sorted({batch_of[retry.origin.parent] for retry in retries if retry.origin.parent in batch_of})
    links = [partition_link("verdicts", key, key) for key in batches_before]
    return {
        "moves": _table({"move": move, "images": count} for move, count in moves.most_common()),
        "parents": _table(parents),
        "parent_batches": dg.MetadataValue.md("  \n".join(links) or "unknown"),
    }


def _table(records: Iterable[Mapping[str, str | int]]) -> dg.MetadataValue:
    return dg.MetadataValue.table([dg.TableRecord(dict(record)) for record in records])


def _range(values: Iterable[float]) -> str:
    low, *between = sorted(set(values))
    return f"{low:g} to {between[-1]:g}" if between else f"{low:g}"
