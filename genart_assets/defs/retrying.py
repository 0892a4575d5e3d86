"""The loop's turn: what a round came to, and the plan of the next."""

from collections.abc import Iterable, Mapping

import dagster as dg
import numpy as np
import pandas as pd

from genart_assets.catalogue import order_at, read_brief_of, round_path, rows_of_round
from genart_assets.defs.judging import verdicts
from genart_assets.defs.partitions import rounds
from genart_assets.defs.vocabulary import OWNERS, RETRYING
from genart_assets.pictures.contact_sheet import contact_sheet
from genart_assets.pictures.markdown_picture import markdown_picture
from genart_assets.resources.storage import StorageResource
from genart_assets.rounds import plan_round, rows_of
from genart_assets.stages.round_outcome import RoundOutcome, outcome_of
from genart_assets.storage.images import ImageStore
from genart_assets.storage.root import Storage

SHOWN = 24
"""Pairs of before and after on a sheet."""


@dg.asset(
    partitions_def=rounds,
    deps=[dg.AssetDep(verdicts, partition_mapping=dg.AllPartitionMapping())],
    group_name=RETRYING,
    kinds={"pandas"},
    owners=OWNERS,
    code_version="1",
)
def round_outcomes(context: dg.AssetExecutionContext, store: StorageResource) -> dg.MaterializeResult:
    """What a brief's round came to: yield, failures, repairs, before and after. Plans the next round where one is due.

    Its partition is an order and a round, `spring-market.0123456789.r0`; all batches of that round have verdicts.
    """
    storage = store.storage
    order_key, _, number = context.partition_key.rpartition(".r")
    order, round_ = order_at(storage, order_key), int(number)
    brief = read_brief_of(storage, order)
    rows = rows_of(storage, brief, order, round_)
    before = rows_of(storage, brief, order, round_ - 1) if round_ else None
    outcome = outcome_of(round_, rows, before)
    metadata: dict[str, dg.MetadataValue | float | int | str] = {
        "images": outcome.images,
        "passed": outcome.passed,
        "yield": outcome.share,
        "failed": _table({"expectation": name, "images": count} for name, count in outcome.failed.items()),
    }
    if before is not None:
        metadata["repairs"] = _repairs(outcome)
        metadata["before_and_after"] = _before_and_after(storage, rows, before)
    if round_ < brief.retry.rounds and outcome.passed < outcome.images:
        planned = plan_round(storage, brief, order, round_ + 1)
        metadata["next_round_images"] = rows_of_round(storage, brief, order, round_ + 1)
        metadata["next_round_batches"] = ", ".join(batch.key for batch in planned)
        metadata["next_round_plan"] = dg.MetadataValue.path(
            str(storage.path(round_path(order.key, round_ + 1, "parquet")))
        )
    return dg.MaterializeResult(metadata=metadata)


def _repairs(outcome: RoundOutcome) -> dg.MetadataValue:
    return _table(
        {
            "move": repair.move,
            "unmet before": repair.expectation,
            "images": repair.images,
            "repaired": repair.passed,
            "share": round(repair.passed / repair.images, 3),
        }
        for repair in outcome.repairs
    )


def _table(records: Iterable[Mapping[str, str | int | float]]) -> dg.MetadataValue:
    """A table, or a word where there is nothing to tell: Dagster takes no empty one."""
    rows = [dg.TableRecord(dict(record)) for record in records]
    return dg.MetadataValue.table(rows) if rows else dg.MetadataValue.text("none")


def _before_and_after(storage: Storage, rows: pd.DataFrame, before: pd.DataFrame) -> dg.MetadataValue:
    """Pairs of an attempt and the one after it, the second framed by its verdict, with the move below."""
    first = rows.head(SHOWN)
    parents = before.set_index("recipe_id").loc[list(first["parent"])]
    old = _pictures(storage, dict(zip(parents.index, parents["batch"], strict=True)))
    new = _pictures(storage, dict(zip(first["recipe_id"], first["batch"], strict=True)))
    pictures: list[np.ndarray] = []
    captions: list[str] = []
    verdicts_shown: list[bool | None] = []
    for row in first.itertuples():
        if row.parent in old and row.recipe_id in new:
            pictures += [old[str(row.parent)], new[str(row.recipe_id)]]
            captions += [str(row.reason), str(row.move)]
            verdicts_shown += [False, bool(row.passed)]
    sheet = contact_sheet(pictures, columns=8, captions=captions, verdicts=verdicts_shown)
    return dg.MetadataValue.md(markdown_picture(sheet, "before and after"))


def _pictures(storage: Storage, batch_of_image: Mapping[str, str]) -> dict[str, np.ndarray]:
    """The pictures that there are, by recipe id."""
    found: dict[str, np.ndarray] = {}
    for batch in dict.fromkeys(batch_of_image.values()):
        stored = ImageStore(storage, batch).open()
        wanted = [image for image, its in batch_of_image.items() if its == batch and image in stored.ids]
        for some in stored.stream(wanted):
            found |= dict(zip(some.ids, some.data, strict=True))
    return found
