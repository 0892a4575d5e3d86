"""Small plans for the starter model, and a rendering of them without Dagster or storage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from genart_assets.models.loading import load_model
from genart_assets.models.schedules import schedule_for
from genart_assets.records import PlannedImage, Recipe, Slot
from genart_assets.stages.decode import decode
from genart_assets.stages.denoise import denoise
from genart_assets.stages.encode_prompts import encode_prompts, unique_texts

SUBJECTS = ("red apple", "lemon", "panda", "frog", "peach", "tomato", "fox", "strawberry")
ROWS = 16


def starter_plan(
    count: int, *, steps: int = 4, sampler: str = "model", guidance: float = 5.0, negative: str = ""
) -> list[PlannedImage]:
    snapshot = load_model("starter").snapshot.snapshot_id
    schedule = schedule_for("starter", sampler, steps)
    return [
        PlannedImage(
            slot=Slot(
                brief="test", index=k, values={"subject": SUBJECTS[k % len(SUBJECTS)]}, repeat=k // len(SUBJECTS)
            ),
            round=0,
            recipe=Recipe(
                prompt=f"classic icon of {SUBJECTS[k % len(SUBJECTS)]} on white background",
                negative_prompt=negative,
                seed=2**63 + k,
                schedule=schedule,
                steps=steps,
                guidance=guidance,
                width=64,
                height=64,
                model_snapshot=snapshot,
            ),
        )
        for k in range(count)
    ]


def render(plan: Sequence[PlannedImage], rows: int = ROWS, model_name: str = "starter") -> dict[str, np.ndarray]:
    """Recipe id to picture, through the three rendering stages."""
    model = load_model(model_name)
    states: dict[str, dict[str, torch.Tensor]] = {}
    for encoded in encode_prompts(unique_texts(plan), model, rows):
        for row, text_id in enumerate(encoded.ids):
            states[text_id] = {name: tensor[row] for name, tensor in encoded.data.items()}

    def take(ids: Sequence[str]) -> dict[str, torch.Tensor]:
        return {name: torch.stack([states[i][name] for i in ids]) for name in states[ids[0]]}

    found: dict[str, np.ndarray] = {}
    for pictures in decode(denoise(plan, take, {}, model, rows), model, rows):
        assert not pictures.failures
        found.update(zip(pictures.ids, pictures.data, strict=True))
    return found
