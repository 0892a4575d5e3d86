"""What a fine-tune tells Dagit while it runs and when it is done: losses, and samples of the style's trial."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import numpy as np

from genart_assets import progress
from genart_assets.finetuning.finetune_lora import Step
from genart_assets.learning.draw_samples import draw_samples
from genart_assets.learning.styles import Style
from genart_assets.loras.folder import WEIGHTS
from genart_assets.loras.records import LoraRecord
from genart_assets.models.loading import LoadedModel
from genart_assets.pictures.contact_sheet import contact_sheet
from genart_assets.pictures.loss_chart import loss_chart
from genart_assets.pictures.markdown_picture import markdown_picture

SAMPLES = 12
GRIDS = 8
"""Sample grids of a run, at equal distances."""


def sampler(model: LoadedModel, style: Style, scratch: Path) -> Callable[[bytes], list[np.ndarray]]:
    """Draws some of the trial's prompts with a LoRA as it is now."""
    prompts = style.trial.prompts[:SAMPLES]

    def samples(weights: bytes) -> list[np.ndarray]:
        file = scratch / WEIGHTS
        file.write_bytes(weights)
        return list(draw_samples(model, file, prompts, style.trial.seeds[:1] * len(prompts), style.trial))

    return samples


def step_reporter(
    context: dg.AssetExecutionContext, style: Style, samples: Callable[[bytes], list[np.ndarray]]
) -> Callable[[Step], None]:
    """Reports each step's progress, and from time to time an observation with losses and samples."""
    every = -(-style.finetune.steps // GRIDS)

    def tell(step: Step) -> None:
        progress.report("style_lora", style.style, step.number, step.of)
        if step.number % every and step.number != 1:
            return
        told = {"step": step.number, "of": step.of, "denoising_loss": step.denoising}
        context.log.info(f"step {step.number} of {step.of}: loss {step.denoising:.4g}")
        context.log_event(
            dg.AssetObservation(
                asset_key=context.asset_key,
                partition=context.partition_key,
                metadata={
                    **told,
                    **({} if step.preference is None else {"preference_loss": step.preference}),
                    "samples": sheet(samples(step.lora()), f"samples after step {step.number}"),
                },
            )
        )

    return tell


def chart(record: LoraRecord) -> dg.MetadataValue:
    """The curves of a run's losses."""
    losses = {"denoising": [line.denoising for line in record.losses]}
    if record.config.preference is not None:
        losses["preference"] = [line.preference or 0.0 for line in record.losses]
    picture = loss_chart([line.step for line in record.losses], losses)
    return dg.MetadataValue.md(markdown_picture(picture, "losses"))


def sheet(pictures: list[np.ndarray], alt: str) -> dg.MetadataValue:
    """Pictures, sRGB ``uint8 [height, width, 3]``, on one sheet."""
    return dg.MetadataValue.md(markdown_picture(contact_sheet(pictures, columns=12), alt))
