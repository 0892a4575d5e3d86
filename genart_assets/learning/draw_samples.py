"""Draws the pictures of a style's trial from prompts and seeds, with or without a LoRA."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genart_assets.learning.styles import LoraTrial
from genart_assets.models.loading import LoadedModel
from genart_assets.models.loras import lora_snapshot
from genart_assets.models.microbatch import micro_batch_rows
from genart_assets.models.schedules import schedule_of
from genart_assets.records.plan import PlannedImage, Slot
from genart_assets.records.recipe import Recipe, RecipeLora
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.stages.rendering.render import render


def draw_samples(
    model: LoadedModel,
    lora: Path | None,
    prompts: Sequence[str],
    seeds: Sequence[int],
    trial: LoraTrial,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> npt.NDArray[np.uint8]:
    """One picture for each prompt and seed, rendered as in a batch: sRGB ``uint8 [n, height, width, 3]``.

    ``lora`` is a .safetensors file, used at scale 1. Only size, sampler and negative prompt of ``trial`` are used.

    Raises:
        ModelError: a row failed, or the LoRA does not fit the model.
    """
    width, height = trial.size
    snapshot = lora_snapshot(str(lora)).snapshot_id if lora else ""
    loras = (RecipeLora(name=lora.stem, snapshot=snapshot, scale=1.0),) if lora else ()
    schedule = schedule_of(model.snapshot.name, trial.sampler)
    plan = [
        PlannedImage(
            slot=Slot(brief="trial", index=index, values={}, repeat=0),
            round=0,
            recipe=Recipe(
                prompt=prompt,
                negative_prompt=trial.negative_prompt,
                seed=seed,
                schedule=schedule,
                steps=trial.sampler.steps,
                guidance=trial.sampler.guidance,
                guidance_rescale=trial.sampler.guidance_rescale,
                width=width,
                height=height,
                loras=loras,
                model_snapshot=model.snapshot.snapshot_id,
            ),
        )
        for index, (prompt, seed) in enumerate(zip(prompts, seeds, strict=True))
    ]
    rows = micro_batch_rows(model.device_class.device, width, height)
    pictures = render(plan, model, rows, Inputs({snapshot: str(lora)}), progress)
    return np.stack([pictures[planned.recipe_id] for planned in plan])
