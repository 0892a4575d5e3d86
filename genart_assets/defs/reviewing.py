"""Human review: what waits for a person, what people said of it, and the files of what they accepted."""

from collections.abc import Iterator, Sequence

import dagster as dg

from genart_assets.defs.frames import Frame
from genart_assets.defs.partitions import reviews, rounds
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.retrying import round_outcomes
from genart_assets.defs.shown.attempt_sheets import attempts_sheet
from genart_assets.defs.vocabulary import OWNERS, REVIEWING
from genart_assets.records import schemas
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.signing.studio import studio_identity
from genart_assets.stages.delivery.deliver import deliver
from genart_assets.stages.judging.judged_images import judged_images
from genart_assets.stages.judging.selected_before import join_accepted
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.planning.stored_plan import stored_plan
from genart_assets.stages.reviewing.attempts import OrderAttempts
from genart_assets.stages.reviewing.decisions import read_log
from genart_assets.stages.reviewing.feedback import feedback_of
from genart_assets.stages.reviewing.review_queue import review_queue as queue_of
from genart_assets.stages.reviewing.settlements import order_and_number, settle, settlements_of, standing_accepts
from genart_assets.storage.images import ImageStore
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore


@dg.asset(
    partitions_def=rounds,
    deps=[round_outcomes],
    group_name=REVIEWING,
    kinds={"fastapi"},
    owners=OWNERS,
    code_version="1",
)
def review_queue(context: dg.AssetExecutionContext, store: StorageResource) -> dg.MaterializeResult:
    """The slots of an order that a person should see after this round, with their attempts; `genart review` shows them.

    Slots that failed to the end, all of a batch that is held, a sample of those that pass, and what was redone.
    """
    import pandas as pd

    order_key, _, _ = context.partition_key.rpartition(".r")
    attempts = OrderAttempts(OrderBook.open(store.storage, order_key))
    attempts.refresh()
    rows = queue_of(order_key, attempts.slots(), attempts.book.brief.review.sample)
    reasons = pd.Series([row.why for row in rows], dtype="str").value_counts()
    return dg.MaterializeResult(
        metadata={
            "slots": len(rows),
            **{f"slots_{why}": int(number) for why, number in reasons.items()},
            "review": dg.MetadataValue.md("`genart review` opens the page"),
            "attempts": attempts_sheet(store.storage, rows),
        }
    )


@dg.asset(
    partitions_def=reviews,
    deps=[review_queue],
    io_manager_key="tables",
    group_name=REVIEWING,
    kinds={"pandas", "parquet"},
    owners=OWNERS,
    code_version="1",
)
def human_feedback(context: dg.AssetExecutionContext, store: StorageResource) -> Frame:
    """What people decided since the settlement before: acceptances, rejections, redos, scores, defects.

    Its partition is an order and a settlement, `spring-market.0123456789.v0`. To materialise it takes the decisions
    in: what was accepted goes on to delivery, what is to be redone becomes a round.
    """
    order_key, number = order_and_number(context.partition_key)
    attempts = OrderAttempts(OrderBook.open(store.storage, order_key))
    attempts.refresh()
    settled = settle(attempts, number)
    taken_in = {
        decision for earlier in settlements_of(store.storage, order_key)[: number + 1] for decision in earlier.decisions
    }
    decisions = [d for d in read_log(store.storage, order_key).decisions if d.id in taken_in]
    images = {
        attempt.recipe_id: (slot, attempt) for slot, history in attempts.slots().items() for attempt in history.attempts
    }
    taken_back = frozenset(decision.undoes for decision in decisions if decision.undoes)
    ours = [decision for decision in decisions if decision.id in settled.decisions]
    context.add_output_metadata(
        {
            "accepted": len(settled.accepted),
            "rejected": len(settled.rejected),
            "withdrawn": len(settled.withdrawn),
            "to_be_redone": len(settled.redone),
            "redo_round": "none" if settled.redo_round is None else settled.redo_round,
            "reviewers": ", ".join(sorted({decision.reviewer for decision in ours})) or "none",
        }
    )
    return feedback_of(attempts.book.brief.brief, ours, images, taken_back)


@dg.asset(
    partitions_def=reviews,
    deps=[human_feedback],
    io_manager_key="tables",
    group_name=REVIEWING,
    kinds={"pandas", "parquet"},
    owners=OWNERS,
    code_version="1",
)
def accepted_images(context: dg.AssetExecutionContext, store: StorageResource) -> Frame:
    """The images that people accepted in this settlement, whatever their verdicts were. Later images are compared with
    them as with all that are selected.
    """
    import pandas as pd

    order_key, number = order_and_number(context.partition_key)
    accepted = settlements_of(store.storage, order_key)[number].accepted
    brief = OrderBook.open(store.storage, order_key).brief
    join_accepted(store.storage, brief, context.partition_key, accepted)
    lines = pd.DataFrame([image.model_dump() for image in accepted], columns=schemas.ACCEPTED_IMAGES.names[:4])
    stored = [_index(store.storage, batch) for batch in lines["batch"].unique()]
    index = pd.concat([pd.DataFrame(columns=["recipe_id", "pixel_sha256", "path"]), *stored])
    return lines.astype({"slot_index": "int64"}).merge(index[["recipe_id", "pixel_sha256", "path"]], on="recipe_id")


@dg.asset(
    partitions_def=reviews,
    io_manager_key="tables",
    group_name=REVIEWING,
    kinds={"pillow", "parquet"},
    owners=OWNERS,
    code_version="1",
)
def accepted_deliveries(context: dg.AssetExecutionContext, accepted_images: Frame, store: StorageResource) -> RowStream:
    """The files of the images that people accepted, beside those of the images that passed by themselves."""
    order_key, number = order_and_number(context.partition_key)
    settlements = settlements_of(store.storage, order_key)
    context.add_output_metadata(
        {
            "folder": f"{store.storage.root}/deliveries/{order_key.partition('.')[0]}",
            "accepted_in_all": len(standing_accepts(settlements)),
            "withdrawn": ", ".join(image.recipe_id[:12] for image in settlements[number].withdrawn) or "none",
        }
    )
    return RowStream(
        ids=tuple(accepted_images["recipe_id"]),
        compute=lambda missing: _delivered(store.storage, accepted_images, missing),
    )


def _delivered(storage: Storage, accepted: Frame, missing: Sequence[str]) -> Iterator[MicroBatch[Frame]]:
    wanted = accepted[accepted["recipe_id"].isin(list(missing))]
    for key, lines in wanted.groupby("batch", sort=False):
        book = OrderBook.of_batch(storage, str(key))
        batch = book.batch(str(key))
        verdicts, scores = (TableStore(storage, asset, batch.key).read() for asset in ("verdicts", "critic_scores"))
        accepted_by = dict(zip(lines["recipe_id"], lines["reviewer"], strict=True))
        images = judged_images(stored_plan(storage, batch.key), verdicts, scores, lines, accepted_by=accepted_by)
        yield from deliver(storage, book.brief, batch, images, list(accepted_by), signer=studio_identity())


def _index(storage: Storage, batch: str) -> Frame:
    return ImageStore(storage, batch).open().index
