"""Critics and the gate: embeddings, scores, verdicts, and the images that passed."""

from functools import partial

import dagster as dg

from genart_assets.critics.known import critics_for
from genart_assets.critics.protocol import CriticContext
from genart_assets.defs.batch_asset import batch_asset
from genart_assets.defs.batch_context import batch_context
from genart_assets.defs.frames import Frame
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.shown.pictures import score_distributions, verdict_report, verdict_sheet
from genart_assets.defs.vocabulary import JUDGING
from genart_assets.models.clip import ROWS, load_clip
from genart_assets.quality.gate_result import GateResult
from genart_assets.quality.markdown import gate_markdown
from genart_assets.records.streams import RowStream
from genart_assets.stages.briefs.references import stored_references
from genart_assets.stages.judging.admit import admit
from genart_assets.stages.judging.critique import critique
from genart_assets.stages.judging.embed_images import embed_images
from genart_assets.stages.judging.judge import judge
from genart_assets.stages.judging.judge_batch import held_for, judge_batch
from genart_assets.stages.judging.select import select
from genart_assets.stages.judging.selected_before import embedded_rows, selected_before
from genart_assets.stages.planning.parents import scores_before
from genart_assets.stages.planning.stored_plan import StoredPlan
from genart_assets.storage.images import StoredImages
from genart_assets.storage.tables import TableStore
from genart_assets.storage.tensors import StoredTensors


@batch_asset(group=JUDGING, io="tensors", kinds={"torch", "safetensors"}, gpu=True)
def image_embeddings(
    context: dg.AssetExecutionContext, generation_plan: StoredPlan, images: StoredImages, store: StorageResource
) -> RowStream:
    """The CLIP critic's embedding of every picture, float32, of length 1."""
    book, _ = batch_context(context, store)
    clip = load_clip(book.brief.style_guide.clip_model)
    context.add_output_metadata({"clip_snapshot": clip.snapshot.snapshot_id, "device": clip.device_class.name})
    return RowStream(
        ids=generation_plan.ids,
        compute=lambda missing: embed_images(images.stream(missing, rows=ROWS), clip),
    )


@batch_asset(group=JUDGING, io="tables", kinds={"numpy", "parquet"}, gpu=True)
def critic_scores(
    context: dg.AssetExecutionContext,
    generation_plan: StoredPlan,
    images: StoredImages,
    image_embeddings: StoredTensors,
    store: StorageResource,
) -> RowStream:
    """One number of every critic for every picture, with unit and direction; a missing score has a reason."""
    book, batch = batch_context(context, store)
    brief = book.brief
    clip = load_clip(brief.style_guide.clip_model)
    embedded, vectors = embedded_rows(image_embeddings)
    before = selected_before(store.storage, brief.style_guide.clip_model, batch, _slots(generation_plan))
    critics = critics_for(
        CriticContext(
            brief=brief,
            batch_ids=embedded,
            batch_embeddings=vectors,
            embed_texts=clip.embed_texts,
            embed_images=clip.embed_images,
            clip_snapshot=clip.snapshot.snapshot_id,
            references=partial(stored_references, store.storage, brief.style_guide.references),
            nearest_selected=before.nearest,
        )
    )
    context.add_output_metadata({"critics": ", ".join(f"{critic.name} [{critic.unit}]" for critic in critics)})
    return RowStream(
        ids=generation_plan.ids,
        compute=lambda missing: critique(
            generation_plan,
            images.stream(missing, rows=ROWS),
            dict(zip(embedded, vectors, strict=True)),
            critics,
            image_embeddings.failures,
        ),
        describe=lambda: score_distributions(store.storage, context.partition_key, brief),
    )


@batch_asset(group=JUDGING, io="tables", kinds={"greatexpectations", "parquet"})
def verdicts(
    context: dg.AssetExecutionContext,
    generation_plan: StoredPlan,
    critic_scores: Frame,
    images: StoredImages,
    image_embeddings: StoredTensors,
    store: StorageResource,
) -> Frame:
    """Pass or fail for every planned image, each unmet expectation named with its value and bound.

    What passes is from now on among the images that later ones must not repeat.
    """
    import pandas as pd

    book, batch = batch_context(context, store)
    brief = book.brief
    scored = TableStore(store.storage, "critic_scores", context.partition_key)
    failures = {**scored.failures(), **images.failures}
    before = selected_before(store.storage, brief.style_guide.clip_model, batch, _slots(generation_plan))
    followed = scores_before(book, batch.round, generation_plan)

    def judged(scores: Frame) -> tuple[Frame, tuple[GateResult, GateResult]]:
        rows, gate = judge(brief, generation_plan, scores, failures)
        whole = judge_batch(brief, rows, scores, followed)
        return rows.assign(held=pd.array([held_for(whole)] * len(rows), dtype="str")), (gate, whole)

    found, (gate, whole) = admit(brief, critic_scores, *embedded_rows(image_embeddings), before, judged)
    context.add_output_metadata(
        {
            "held": held_for(whole) or "no",
            "batch_gate": dg.MetadataValue.md(gate_markdown(whole)),
            "images": len(found),
            "passed": int(found["passed"].sum()),
            "yield": float(found["passed"].mean()),
            "report": verdict_report(
                store.storage, context.partition_key, brief, generation_plan, critic_scores, found, gate, images
            ),
            "gate": dg.MetadataValue.md(gate_markdown(gate)),
            "contact_sheet": verdict_sheet(context.partition_key, generation_plan, found, images),
        }
    )
    return found


@batch_asset(group=JUDGING, io="tables", kinds={"pandas", "parquet"})
def selected_images(
    context: dg.AssetExecutionContext,
    generation_plan: StoredPlan,
    verdicts: Frame,
    images: StoredImages,
    store: StorageResource,
) -> Frame:
    """The images that passed their gate and wait for no person. Delivery starts when this appears."""
    book, batch = batch_context(context, store)
    selected = select(batch.order, book.brief.review.sample, generation_plan, verdicts, images.index)
    context.add_output_metadata(
        {"selected": len(selected), "of": len(generation_plan), "yield": len(selected) / len(generation_plan)}
    )
    return selected


def _slots(plan: StoredPlan) -> dict[str, int]:
    return {planned.recipe_id: planned.slot.index for planned in plan}
