"""The loop's turn: what a round came to, and the plan of the next."""

from collections.abc import Iterable, Mapping

import dagster as dg

from genart_assets.defs.judging import verdicts
from genart_assets.defs.partitions import rounds
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.shown.attempt_sheets import before_and_after
from genart_assets.defs.vocabulary import OWNERS, RETRYING
from genart_assets.pictures.markdown_picture import markdown_picture
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.planning.parents import rows_before
from genart_assets.stages.planning.rounds import round_path, round_record, sheet_path
from genart_assets.stages.retrying.next_round import plan_round
from genart_assets.stages.retrying.round_outcome import RoundOutcome, outcome_of


@dg.asset(
    partitions_def=rounds,
    deps=[dg.AssetDep(verdicts, partition_mapping=dg.AllPartitionMapping())],
    group_name=RETRYING,
    kinds={"pandas"},
    owners=OWNERS,
    code_version="1",
)
def round_outcomes(context: dg.AssetExecutionContext, store: StorageResource) -> dg.MaterializeResult:
    """What a brief's round came to: yield, failures, repairs, before and after. Plans the next round where one is due,
    and tells which moves would have left the latitudes, with the bound.

    Its partition is an order and a round, `spring-market.0123456789.r0`; all batches of that round have verdicts. A
    round of what reviewers sent back has its parents in any round before it.
    """
    storage = store.storage
    order_key, _, number = context.partition_key.rpartition(".r")
    book, round_ = OrderBook.open(storage, order_key), int(number)
    rows, before = book.rows(round_), rows_before(book, round_)
    outcome = outcome_of(round_, rows, before)
    metadata: dict[str, dg.MetadataValue | float | int | str] = {
        "images": outcome.images,
        "passed": outcome.passed,
        "yield": outcome.share,
        "failed": _table({"expectation": name, "images": count} for name, count in outcome.failed.items()),
    }
    if before is not None:
        metadata["repairs"] = _repairs(outcome)
        sheet = before_and_after(storage, rows, before)
        storage.replace(sheet_path(book.key, round_), sheet)
        metadata["before_and_after"] = dg.MetadataValue.md(markdown_picture(sheet, "before and after"))
        metadata["sheet"] = dg.MetadataValue.path(str(storage.path(sheet_path(book.key, round_))))
    if round_ < book.brief.retry.rounds and outcome.passed < outcome.images:
        planned = plan_round(book, round_ + 1)
        record = round_record(storage, book.key, round_ + 1)
        assert record
        metadata["next_round_images"] = record.rows
        metadata["next_round_batches"] = ", ".join(batch.key for batch in planned)
        metadata["next_round_plan"] = dg.MetadataValue.path(
            str(storage.path(round_path(book.key, round_ + 1, "parquet")))
        )
        metadata["slots_without_a_move"] = len(record.exhausted)
        metadata["refused_moves"] = _table({"move": move, "why": why} for move, why in record.refused.items())
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
