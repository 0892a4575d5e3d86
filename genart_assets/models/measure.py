"""Measuring micro-batch shapes: what `genart doctor` reports, and what `microbatch.ROWS` was chosen by."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from genart_assets.models.families.protocol import Conditions, States
from genart_assets.models.loading import LoadedModel, load_model
from genart_assets.models.microbatch import micro_batch_rows
from genart_assets.models.sampling import denoised
from genart_assets.models.schedules import schedule_for

CANDIDATES = (1, 4, 8, 16, 32)
STEPS, GUIDANCE = 2, 5.0
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
    sides = model.family.sides(model_name)
    side = sides.best if sides else SIDE_WITHOUT_CONFIG
    chosen = micro_batch_rows(model.device_class.device, side, side)
    for rows in candidates:
        conditions = _conditions(model, rows, side)
        _seconds(model, conditions)
        seconds = min(_seconds(model, conditions), _seconds(model, conditions))
        yield Measured(model.device_class.name, side, side, rows, rows * STEPS / seconds, rows == chosen)


def _conditions(model: LoadedModel, rows: int, side: int) -> Conditions:
    import torch

    def states(text: str) -> States:
        with torch.inference_mode():
            return model.family.encode(model.pipe, [text] * rows)

    return Conditions(
        positive=states("a picture"),
        negative=states(""),
        guidance=torch.full((rows,), GUIDANCE, dtype=torch.float64),
        guidance_rescale=torch.zeros(rows, dtype=torch.float64),
        size=(side, side),
    )


def _seconds(model: LoadedModel, conditions: Conditions) -> float:
    import torch

    schedule = schedule_for(model.snapshot.name, "model", STEPS, conditions.size)
    noise = [torch.Generator("cpu").manual_seed(seed) for seed in range(len(conditions.guidance))]
    began = time.perf_counter()
    with torch.inference_mode():
        denoised(model.family, model.pipe, schedule, STEPS, conditions, noise).sum().item()
    return time.perf_counter() - began
