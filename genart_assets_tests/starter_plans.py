"""Small plans for the starter model, and a rendering of them without Dagster or storage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genart_assets.models.loading import load_model
from genart_assets.models.schedules import schedule_for
from genart_assets.records.plan import PlannedImage, Slot
from genart_assets.records.recipe import Recipe
from genart_assets.stages.rendering.render import render as stages_render

SUBJECTS = ("red apple", "lemon", "panda", "frog", "peach", "tomato", "fox", "strawberry")
ROWS = 16


def starter_plan(
    count: int, *, steps: int = 4, sampler: str = "model", guidance: float = 5.0, negative: str = ""
) -> list[PlannedImage]:
    snapshot = load_model("starter").snapshot.snapshot_id
    schedule = schedule_for("starter", sampler, steps, (64, 64))
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
    return stages_render(plan, load_model(model_name), rows)
