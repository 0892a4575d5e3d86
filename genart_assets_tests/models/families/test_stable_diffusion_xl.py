"""Stable Diffusion XL goes through the same stages, on a tiny pipeline of diffusers' own classes."""

from pathlib import Path

import numpy as np
import pytest
import torch

from genart_assets.models.families.protocol import family_of
from genart_assets.models.families.stable_diffusion_xl import StableDiffusionXL
from genart_assets.models.loading import load_model
from genart_assets.models.schedules import schedule_for
from genart_assets.records import PlannedImage, Recipe, Slot
from genart_assets_tests.models.families.tiny_sdxl import save_tiny_sdxl
from genart_assets_tests.starter_plans import render

PROMPTS = ("red apple", "lemon", "panda", "frog", "fox")


@pytest.fixture(scope="module")
def model_name(tmp_path_factory) -> str:
    folder: Path = tmp_path_factory.mktemp("sdxl") / "model"
    return str(save_tiny_sdxl(folder))


@pytest.fixture(scope="module")
def plan(model_name) -> list[PlannedImage]:
    schedule = schedule_for(model_name, "model", 3)
    return [
        PlannedImage(
            slot=Slot(brief="xl", index=k, values={}, repeat=0),
            round=0,
            recipe=Recipe(
                prompt=prompt,
                negative_prompt="" if k % 2 else "blurry",
                seed=k,
                schedule=schedule,
                steps=3,
                guidance=4.0,
                width=32,
                height=32,
                model_snapshot=load_model(model_name).snapshot.snapshot_id,
            ),
        )
        for k, prompt in enumerate(PROMPTS)
    ]


def test_the_family_is_found_by_the_pipelines_class():
    assert isinstance(family_of("StableDiffusionXLPipeline"), StableDiffusionXL)


def test_pictures_are_the_pipelines_own(plan, model_name):
    """The three stages give what one call of diffusers' pipeline gives, row by row."""
    pipe = load_model(model_name).pipe
    recipe = plan[0].recipe
    size = len(plan)
    whole = pipe(
        prompt=[p.recipe.prompt for p in plan],
        negative_prompt=[p.recipe.negative_prompt for p in plan],
        generator=[torch.Generator("cpu").manual_seed(p.recipe.seed) for p in plan],
        num_inference_steps=recipe.steps,
        guidance_scale=recipe.guidance,
        width=32,
        height=32,
        output_type="np",
    ).images
    staged = render(plan, model_name=model_name, rows=size)
    for planned, expected in zip(plan, whole, strict=True):
        if planned.recipe.negative_prompt:
            difference = np.abs(staged[planned.recipe_id].astype(int) - np.round(expected * 255).astype(int))
            assert difference.max() <= 1


def test_an_empty_negative_prompt_is_the_zero_state(model_name):
    model = load_model(model_name)
    encoded = model.family.encode(model.pipe, ["", "blurry"])
    assert not encoded["states"][0].any()
    assert not encoded["pooled"][0].any()
    assert encoded["states"][1].any()


def test_bits_do_not_depend_on_neighbours(plan, model_name):
    together = render(plan, model_name=model_name, rows=4)
    alone = render(plan[3:4], model_name=model_name, rows=4)
    for recipe_id, picture in alone.items():
        assert np.array_equal(picture, together[recipe_id])
