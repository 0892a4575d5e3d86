"""From what people accepted to a style's next LoRA: the training set, and the fine-tune."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
import numpy as np

from genart_assets.defs.judging import image_embeddings
from genart_assets.defs.partitions import styles
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.reviewing import human_feedback
from genart_assets.defs.shown.learning_log import chart, sampler, sheet, step_reporter
from genart_assets.defs.vocabulary import GPU, LEARNING, OWNERS
from genart_assets.errors import InputError, TrainingError
from genart_assets.finetuning.finetune_lora import finetune_lora
from genart_assets.finetuning.inputs import read_training_data
from genart_assets.finetuning.training_set import TrainingSet
from genart_assets.instance.home import home_path
from genart_assets.learning.styles import Style, stored_style
from genart_assets.learning.trained_elsewhere import trained_elsewhere
from genart_assets.learning.training_sets import last_training_set, make_training_set
from genart_assets.learning.trials import require_trial
from genart_assets.loras.records import LoraRecord
from genart_assets.loras.versions import add_candidate
from genart_assets.models.loading import LoadedModel, load_model
from genart_assets.storage.pixels import decode_png
from genart_assets.storage.root import Storage

SHOWN = 96


@dg.asset(
    partitions_def=styles,
    deps=[
        dg.AssetDep(human_feedback, partition_mapping=dg.AllPartitionMapping()),
        dg.AssetDep(image_embeddings, partition_mapping=dg.AllPartitionMapping()),
    ],
    group_name=LEARNING,
    kinds={"pandas"},
    owners=OWNERS,
    code_version="1",
)
def training_set(context: dg.AssetExecutionContext, store: StorageResource) -> dg.MaterializeResult:
    """What a style is learnt from: the accepted images of its briefs, each once, balanced; rejected ones in pairs.

    Its partition is a style that `genart learn` took.
    """
    storage = store.storage
    style = stored_style(storage, context.partition_key)
    found = make_training_set(storage, style, datetime.now(UTC))
    made, report = found.made, found.report
    pictures = [decode_png(storage.read(row.path)) for row in made.rows[:SHOWN]]
    return dg.MaterializeResult(
        data_version=dg.DataVersion(made.id),
        metadata={
            "images": len(made.rows),
            "pairs": len(made.pairs),
            "reviewed": report.reviewed,
            "accepted": report.accepted,
            "rejected": report.rejected,
            "left_out": report.left_out or "none",
            "contradicted": ", ".join(one[:12] for one in report.contradicted) or "none",
            "as_of": dg.MetadataValue.timestamp(found.as_of),
            "pictures": sheet(pictures, "what is learnt from"),
        },
    )


class Finetune(dg.Config):
    """Where a style's LoRA comes from."""

    trained: str = ""
    """Directory of a fine-tune that ran elsewhere, as `genart learn --write` wrote it; empty learns here."""


@dg.asset(
    partitions_def=styles,
    deps=[training_set],
    pool=GPU,
    group_name=LEARNING,
    kinds={"torch", "safetensors"},
    owners=OWNERS,
    code_version="1",
)
def style_lora(context: dg.AssetExecutionContext, store: StorageResource, config: Finetune) -> dg.MaterializeResult:
    """A style's next version: a LoRA fine-tuned on its training set, registered as a candidate.

    While it learns, losses and samples appear among the asset's events. A run that was cut off goes on from its last
    checkpoint when the asset is materialised again. With `trained` it takes the LoRA of a fine-tune that ran elsewhere.
    """
    storage = store.storage
    style = stored_style(storage, context.partition_key)
    held = last_training_set(storage, style.style)
    if held is None:
        raise InputError(f"style {style.style} has no training set", remedy="materialise training_set first")
    model = load_model(style.model)
    with TemporaryDirectory() as scratch:
        samples = sampler(model, style, Path(scratch))
        if config.trained:
            weights, record = trained_elsewhere(Path(config.trained), storage, style.style, model.snapshot)
        else:
            weights, record = _learnt(context, storage, style, held.made, model, samples)
        last = samples(weights)
    lora = add_candidate(storage, style.style, weights, record, by="fine-tune", time=datetime.now(UTC))
    return dg.MaterializeResult(
        data_version=dg.DataVersion(lora.version),
        metadata={
            "version": lora.version,
            "state": lora.state,
            "base": f"{record.base}, snapshot {record.base_snapshot}",
            "training_set": f"{record.training_set}, {record.images} images",
            "licence": record.licence,
            "losses": chart(record),
            "samples": sheet(last, "samples"),
            "config": dg.MetadataValue.json(record.config.model_dump(mode="json")),
            "weights": dg.MetadataValue.path(str(storage.path(lora.weights_path))),
        },
    )


def _learnt(
    context: dg.AssetExecutionContext,
    storage: Storage,
    style: Style,
    made: TrainingSet,
    model: LoadedModel,
    samples: Callable[[bytes], list[np.ndarray]],
) -> tuple[bytes, LoraRecord]:
    require_trial(storage, style, made.id, model.snapshot)
    found = finetune_lora(
        model,
        read_training_data(made, storage.read),
        style.finetune,
        step_reporter(context, style, samples),
        checkpoints=_checkpoints(style, made.id, model.snapshot.snapshot_id),
    )
    if found.stopped:
        raise TrainingError(
            f"the fine-tune stopped after step {found.steps} of {style.finetune.steps}: {found.stopped}",
            remedy="materialise style_lora again, it goes on from there; or raise that bound of the style",
        )
    return found.weights, found.record


def _checkpoints(style: Style, training_set_id: str, snapshot: str) -> Path:
    """A directory of the run's own on this machine: another training set, base or config does not meet it."""
    run = "-".join(digest[:12] for digest in (training_set_id, snapshot, style.finetune.digest))
    return home_path() / "finetuning" / style.style / run
