"""The AI pass: prompt states, latents, pictures. It runs where the GPU is."""

from collections.abc import Sequence
from functools import partial

import dagster as dg

from genart_assets.defs.batch_asset import batch_asset
from genart_assets.defs.batch_context import batch_context
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.shown.links import weights_text
from genart_assets.defs.shown.pictures import image_sheet
from genart_assets.defs.vocabulary import RENDERING
from genart_assets.models.loading import LoadedModel, load_model
from genart_assets.models.microbatch import micro_batch_rows
from genart_assets.provenance.environment import store_environment
from genart_assets.provenance.rendering import record_rendering
from genart_assets.provenance.weights import adapter_files, store_adapters, store_snapshot
from genart_assets.records.plan import PlannedImage
from genart_assets.records.streams import RowStream
from genart_assets.stages.briefs.control_images import stored_control
from genart_assets.stages.briefs.start_pictures import stored_start
from genart_assets.stages.planning.stored_plan import StoredPlan
from genart_assets.stages.rendering.decode import decode
from genart_assets.stages.rendering.denoise import denoise
from genart_assets.stages.rendering.encode_prompts import encode_prompts, unique_texts
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.stages.rendering.keep_outside import kept_outside
from genart_assets.storage.tensors import StoredTensors


def _model_and_rows(plan: Sequence[PlannedImage], model_name: str) -> tuple[LoadedModel, int]:
    recipe = plan[0].recipe
    model = load_model(model_name, recipe.model_snapshot)
    return model, micro_batch_rows(model.device_class.device, recipe.width, recipe.height)


@batch_asset(group=RENDERING, io="tensors", kinds={"torch", "safetensors"}, gpu=True)
def prompt_embeddings(
    context: dg.AssetExecutionContext, generation_plan: StoredPlan, store: StorageResource
) -> RowStream:
    """The text encoder's states of every unique prompt and negative prompt, one row a text, by the text's SHA-256."""
    _, batch = batch_context(context, store)
    model, rows = _model_and_rows(generation_plan, batch.model)
    texts = unique_texts(generation_plan)
    context.add_output_metadata(
        {"unique_texts": len(texts), "images": len(generation_plan), "device": model.device_class.name}
    )
    return RowStream(
        ids=tuple(texts), compute=lambda missing: encode_prompts({i: texts[i] for i in missing}, model, rows)
    )


@batch_asset(group=RENDERING, io="tensors", kinds={"torch", "safetensors"}, gpu=True)
def latents(
    context: dg.AssetExecutionContext,
    generation_plan: StoredPlan,
    prompt_embeddings: StoredTensors,
    store: StorageResource,
) -> RowStream:
    """The latents of every image, each from its own seeded noise. A row that is not finite fails with a reason."""
    book, batch = batch_context(context, store)
    plan = {planned.recipe_id: planned for planned in generation_plan}
    model, rows = _model_and_rows(generation_plan, batch.model)
    environment = store_environment(store.storage, model.device_class)
    store_snapshot(store.storage, model.snapshot)
    adapters = {snapshot.snapshot_id: snapshot for snapshot in store_adapters(store.storage, book.brief)}
    inputs = Inputs(
        adapter_files(store.storage, adapters.values()),
        partial(stored_control, store.storage),
        partial(stored_start, store.storage),
    )
    context.add_output_metadata(
        {
            "device": model.device_class.name,
            "model_snapshot": model.snapshot.snapshot_id,
            "micro_batch_rows": rows,
            "environment": environment,
            **{f"adapter {one.name}": weights_text(one) for one in adapters.values()},
        }
    )
    take, failed = prompt_embeddings.take, prompt_embeddings.failures
    return RowStream(
        ids=generation_plan.ids,
        compute=lambda missing: record_rendering(
            store.storage,
            denoise([plan[i] for i in missing], take, failed, model, rows, inputs),
            batch=batch.key,
            run_id=context.run.run_id,
            environment=environment,
            micro_batch_rows=rows,
        ),
        environment=environment,
    )


@batch_asset(group=RENDERING, io="images", kinds={"torch", "png"}, gpu=True)
def images(
    context: dg.AssetExecutionContext, generation_plan: StoredPlan, latents: StoredTensors, store: StorageResource
) -> RowStream:
    """The decoded pictures, outside of a mask with the start picture's pixels; lossless PNG, stored once under the hash
    of their pixels."""
    _, batch = batch_context(context, store)
    model, rows = _model_and_rows(generation_plan, batch.model)
    finish = kept_outside(generation_plan, Inputs(start=partial(stored_start, store.storage)))
    context.add_output_metadata({"device": model.device_class.name, "model_snapshot": model.snapshot.snapshot_id})
    return RowStream(
        ids=generation_plan.ids,
        compute=lambda missing: decode(
            latents.stream(missing, rows=rows, device=str(model.device)), model, rows, finish
        ),
        describe=lambda: image_sheet(store.storage, context.partition_key),
        environment=store_environment(store.storage, model.device_class),
    )
