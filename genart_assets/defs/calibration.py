"""Critics against people: whether the gate can be trusted, and where it should stand."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
import numpy as np

from genart_assets.calibration.calibrate import calibrate
from genart_assets.calibration.markdown import calibration_markdown
from genart_assets.calibration.preference_head import PreferenceHead, save_preference_head
from genart_assets.defs.frames import Frame
from genart_assets.defs.partitions import reviews
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.reviewing import human_feedback
from genart_assets.defs.vocabulary import OWNERS, REVIEWING
from genart_assets.models.snapshot import take_snapshot
from genart_assets.pictures.markdown_picture import markdown_picture
from genart_assets.pictures.roc_chart import roc_chart
from genart_assets.quality.bounds import bounds_of
from genart_assets.records import schemas
from genart_assets.records.brief import Brief
from genart_assets.stages.judging.selected_before import Vectors, embedded_rows
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.reviewing.human_labels import OUTCOMES
from genart_assets.stages.reviewing.settled_feedback import settled_feedback
from genart_assets.stages.reviewing.settlements import order_and_number
from genart_assets.starter.shipped import SHIPPED_CLIP
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets.storage.tensors import TensorStore


@dg.asset(
    partitions_def=reviews,
    deps=[human_feedback],
    group_name=REVIEWING,
    kinds={"scikitlearn"},
    owners=OWNERS,
    code_version="1",
)
def calibration(context: dg.AssetExecutionContext, store: StorageResource) -> dg.MaterializeResult:
    """How far the critics agree with the people who reviewed this brief, in all of its orders that are settled so far.

    Precision and recall of each bound, the area under each critic's ROC curve, bounds that would serve better, and a
    preference head on the embeddings where there are enough decisions; `style_guide.aesthetic_head` takes its folder.
    """
    import pandas as pd

    storage = store.storage
    brief = OrderBook.open(storage, order_and_number(context.partition_key)[0]).brief
    feedback = _feedback(storage, brief)
    batches = [str(batch) for batch in feedback["batch"].unique()]
    tables = [TableStore(storage, "critic_scores", batch).read() for batch in batches]
    scores = pd.concat([schemas.CRITIC_SCORES.empty_table().to_pandas(), *tables], ignore_index=True)
    clip = take_snapshot(brief.style_guide.clip_model, SHIPPED_CLIP).snapshot_id
    found = calibrate(brief.brief, feedback, scores, *_embeddings(storage, batches), bounds_of(brief), clip)
    areas = {one.critic: one.auc.value for one in found.report.critics if one.auc is not None}
    metadata: dict[str, dg.MetadataValue | int] = {
        "images": found.report.images,
        "accepted": found.report.accepted,
        "agreement": dg.MetadataValue.md(calibration_markdown(found.report)),
    }
    if found.curves:
        chart = roc_chart(found.curves, areas)
        metadata["roc"] = dg.MetadataValue.md(markdown_picture(chart, "ROC curves of the critics"))
    if found.head is not None:
        metadata["aesthetic_head"] = dg.MetadataValue.path(_kept(storage, context.partition_key, found.head))
    return dg.MaterializeResult(metadata=metadata)


def _kept(storage: Storage, partition: str, head: PreferenceHead) -> str:
    """Store the head as files that `style_guide.aesthetic_head` names; where they lie."""
    with TemporaryDirectory() as made:
        folder = Path(made) / "head"
        save_preference_head(folder, head)
        for file in sorted(folder.iterdir()):
            storage.write_once(f"heads/{partition}/{file.name}", file.read_bytes())
    return str(storage.path(f"heads/{partition}"))


def _feedback(storage: Storage, brief: Brief) -> Frame:
    """What stands of all settled decisions about a brief id whose orders were embedded by the same CLIP critic."""
    clip = brief.style_guide.clip_model
    books = OrderBook.of_brief(storage, brief.brief)
    rows = settled_feedback(storage, [book.key for book in books if clip == book.brief.style_guide.clip_model])
    rows = rows[rows["stands"].astype(bool) & rows["action"].isin(list(OUTCOMES))]
    return rows.rename(columns={"action": "outcome"}).sort_values("time", kind="stable", ignore_index=True)


def _embeddings(storage: Storage, batches: Sequence[str]) -> tuple[list[str], Vectors]:
    found = [embedded_rows(TensorStore(storage, "image_embeddings", batch).open()) for batch in batches]
    ids = [recipe_id for some, _ in found for recipe_id in some]
    return ids, np.concatenate([vectors for some, vectors in found if some]) if ids else np.zeros((0, 1), np.float32)
