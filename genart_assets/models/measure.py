"""Measuring micro-batch shapes: what `genart doctor` reports, and what `microbatch.ROWS` was chosen by."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genart_assets.models.loading import LoadedModel, load_model
from genart_assets.models.microbatch import micro_batch_rows
from genart_assets.models.schedules import schedule_for
from genart_assets.models.sizes import sides_of
from genart_assets.records.plan import PlannedImage, Slot
from genart_assets.records.recipe import Recipe
from genart_assets.stages.rendering.denoise import denoise
from genart_assets.stages.rendering.encode_prompts import encode_prompts, unique_texts

if TYPE_CHECKING:
    import torch

CANDIDATES = (1, 4, 8, 16, 32)
STEPS = 2
SIDE_WITHOUT_CONFIG = 512


@dataclass(frozen=True)
class Measured:
    """Denoising speed of one micro-batch shape."""

    device_class: str
    width: int
    height: int
    rows: int
    row_steps_per_second: float
    chosen: bool


def measure_micro_batches(model_name: str = "starter", candidates: Sequence[int] = CANDIDATES) -> Iterator[Measured]:
    """Denoise a few steps with each candidate shape at the model's native size: the better of two warm calls."""
    model = load_model(model_name)
    sides = sides_of(model_name)
    side = sides.best if sides else SIDE_WITHOUT_CONFIG
    chosen = micro_batch_rows(model.device_class.device, side, side)
    for rows in candidates:
        plan = _plan(model, rows, side)
        _seconds(plan, model)
        seconds = min(_seconds(plan, model), _seconds(plan, model))
        yield Measured(model.device_class.name, side, side, rows, rows * STEPS / seconds, rows == chosen)


def _plan(model: LoadedModel, rows: int, side: int) -> list[PlannedImage]:
    schedule = schedule_for(model.snapshot.name, "model", STEPS)
    return [
        PlannedImage(
            slot=Slot(brief="measure", index=k, values={}, repeat=k),
            round=0,
            recipe=Recipe(
                prompt="a picture",
                negative_prompt="",
                seed=k,
                schedule=schedule,
                steps=STEPS,
                guidance=5.0,
                width=side,
                height=side,
                model_snapshot=model.snapshot.snapshot_id,
            ),
        )
        for k in range(rows)
    ]


def _seconds(plan: list[PlannedImage], model: LoadedModel) -> float:
    texts = unique_texts(plan)
    states = next(encode_prompts(texts, model, len(texts)))
    where = {text_id: row for row, text_id in enumerate(states.ids)}

    def take(ids: Sequence[str]) -> dict[str, torch.Tensor]:
        return {name: tensor[[where[i] for i in ids]] for name, tensor in states.data.items()}

    began = time.perf_counter()
    for micro_batch in denoise(plan, take, {}, model, len(plan)):
        micro_batch.data["latents"].sum().item()
    return time.perf_counter() - began
