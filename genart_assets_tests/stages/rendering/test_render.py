"""A plan is rendered without a store: pictures of the rows that can be had, reasons of those that cannot."""

from typing import Any

import numpy as np
import pytest
import torch

from genart_assets.errors import ModelError
from genart_assets.models.families.stable_diffusion import StableDiffusion
from genart_assets.models.loading import load_model
from genart_assets.stages.rendering.render import render, render_rows
from genart_assets_tests.models.tiny_controls import shipped_control
from genart_assets_tests.starter_plans import ROWS, starter_plan


def test_rows_that_fail_are_named_and_the_others_are_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """One by its prompt's states, one by a control image that is nowhere, one by its picture."""
    model = load_model("starter")
    text, image, picture, *fine = plan = starter_plan(5, steps=2)
    steered = image.recipe.model_copy(update={"control": shipped_control(image="0" * 64)})
    image = plan[1] = image.model_copy(update={"recipe": steered})
    undisturbed = render(fine, model, ROWS)
    encode, decode = StableDiffusion.encode, StableDiffusion.decode

    def poisoned_states(self: StableDiffusion, pipe: Any, texts: list[str]) -> dict[str, torch.Tensor]:
        states = encode(self, pipe, texts)
        states["states"][0] = torch.nan
        return states

    def poisoned_picture(self: StableDiffusion, pipe: Any, latents: torch.Tensor) -> torch.Tensor:
        decoded = decode(self, pipe, latents)
        decoded[0] = torch.nan
        return decoded

    monkeypatch.setattr(StableDiffusion, "encode", poisoned_states)
    monkeypatch.setattr(StableDiffusion, "decode", poisoned_picture)
    told: list[tuple[int, int]] = []
    rendered = render_rows(plan, model, ROWS, progress=lambda done, total: told.append((done, total)))
    assert rendered.failures == {
        text.recipe_id: "the prompt's states are not finite",
        image.recipe_id: f"control image: picture {'0' * 12} is needed, and no storage is at hand",
        picture.recipe_id: "the decoded picture is not finite",
    }
    assert list(rendered.pictures) == [planned.recipe_id for planned in fine]
    assert all(np.array_equal(rendered.pictures[id], undisturbed[id]) for id in undisturbed)
    assert told == sorted(told)
    assert told[-1] == (5, 5)
    with pytest.raises(ModelError, match=rf"recipe {text.recipe_id[:12]} failed: the prompt's states are not finite"):
        render(plan, model, ROWS)
