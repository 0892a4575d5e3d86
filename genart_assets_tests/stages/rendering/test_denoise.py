"""What a recipe's numbers do to its latents."""

import pytest
import torch

from genart_assets.models.loading import load_model
from genart_assets.records.plan import PlannedImage
from genart_assets.stages.rendering.denoise import denoise
from genart_assets.stages.rendering.encode_prompts import encode_prompts, unique_texts
from genart_assets_tests.starter_plans import starter_plan

ROWS = 16


def latents_with(**changes: float) -> torch.Tensor:
    model = load_model("starter")
    plan = [
        PlannedImage(slot=p.slot, round=0, recipe=p.recipe.model_copy(update=changes)) for p in starter_plan(8, steps=6)
    ]
    (encoded,) = encode_prompts(unique_texts(plan), model, ROWS)
    states = dict(zip(encoded.ids, encoded.data["states"], strict=True))
    (drawn,) = denoise(plan, lambda ids: {"states": torch.stack([states[i] for i in ids])}, {}, model, ROWS)
    assert not drawn.failures
    return drawn.data["latents"]


def test_guidance_rescale_takes_back_the_contrast_that_guidance_adds():
    plain, guided = latents_with(guidance=1.0), latents_with(guidance=9.0)
    rescaled = latents_with(guidance=9.0, guidance_rescale=1.0)
    assert guided.std() > 1.1 * plain.std()
    assert abs(rescaled.std() - plain.std()) < 0.5 * abs(guided.std() - plain.std())


def test_guidance_rescale_of_nothing_is_no_part_of_the_recipe():
    (planned,) = starter_plan(1)
    assert "guidance_rescale" not in planned.recipe.canonical()
    changed = planned.recipe.model_copy(update={"guidance_rescale": 0.7})
    assert '"guidance_rescale":0.7' in changed.canonical()
    assert changed.recipe_id != planned.recipe_id
    assert planned.recipe.model_copy(update={"guidance_rescale": 0.0}).recipe_id == planned.recipe_id


def test_guidance_rescale_stays_between_off_and_all():
    (planned,) = starter_plan(1)
    with pytest.raises(ValueError, match="guidance_rescale"):
        planned.recipe.model_copy(update={"guidance_rescale": 1.1})
