"""Stable Diffusion XL goes through the same stages, on a tiny pipeline of diffusers' own classes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import ControlNetModel, StableDiffusionXLControlNetPipeline
from safetensors.torch import save_file

from genart_assets.models.controls import control_snapshot, controlled
from genart_assets.models.families.installed import family_of
from genart_assets.models.families.stable_diffusion_xl import StableDiffusionXL
from genart_assets.models.loading import load_model
from genart_assets.models.loras import lora_snapshot
from genart_assets.records.brief import Brief, ControlUse, LoraUse
from genart_assets.records.plan import PlannedImage
from genart_assets.records.recipe import RecipeControl, RecipeLora, RecipeStart
from genart_assets.stages.acceptance.model_checks import check_model
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.stages.rendering.render import render as stages_render
from genart_assets.storage.pixels import pixel_sha256
from genart_assets_tests.deliverables.samples import icon
from genart_assets_tests.models.families.tiny_parts import given_to_a_pipeline, tiny_plan
from genart_assets_tests.models.families.tiny_sdxl import save_tiny_sdxl
from genart_assets_tests.models.tiny_controls import disc
from genart_assets_tests.starter_plans import render


@pytest.fixture(scope="module")
def model_name(tmp_path_factory) -> str:
    folder: Path = tmp_path_factory.mktemp("sdxl") / "model"
    return str(save_tiny_sdxl(folder))


@pytest.fixture(scope="module")
def plan(model_name) -> list[PlannedImage]:
    return tiny_plan(model_name)


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


@pytest.fixture(scope="module")
def steering(model_name, tmp_path_factory) -> tuple[RecipeLora, RecipeControl, Inputs]:
    """A LoRA with diffusers' names, a ControlNet that acts at once, and a control image of 32 px."""
    folder = tmp_path_factory.mktemp("steering")
    unet = load_model(model_name).pipe.unet
    torch.manual_seed(1)
    layers = [name for name, layer in unet.named_modules() if name.endswith(("to_q", "to_k"))]
    tensors = {}
    for layer in layers:
        out, width = unet.get_submodule(layer).weight.shape
        tensors[f"unet.{layer}.lora.down.weight"] = torch.randn(2, width)
        tensors[f"unet.{layer}.lora.up.weight"] = torch.randn(out, 2)
    save_file(tensors, folder / "brand.safetensors")
    net = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(8, 16))
    for block in (*net.controlnet_down_blocks, net.controlnet_mid_block):
        torch.nn.init.normal_(block.weight, std=0.5)
    net.save_pretrained(folder / "net")
    lora = lora_snapshot(str(folder / "brand.safetensors")).snapshot_id
    control = control_snapshot(str(folder / "net")).snapshot_id
    image = disc(10, 32)
    return (
        RecipeLora(name="brand", snapshot=lora, scale=0.7),
        RecipeControl(kind="canny", snapshot=control, image=pixel_sha256(image), scale=0.6),
        Inputs(
            {lora: str(folder / "brand.safetensors"), control: str(folder / "net")},
            {pixel_sha256(image): image}.__getitem__,
        ),
    )


def test_loras_and_controls_steer_it_and_leave_the_plain_rows_alone(plan, model_name, steering):
    lora, control, inputs = steering
    model = load_model(model_name)
    plain = stages_render(plan, model, 4)
    mixed = [
        planned.model_copy(update={"recipe": planned.recipe.model_copy(update=changes)})
        for planned in plan[:2]
        for changes in ({}, {"loras": (lora,)}, {"control": control}, {"loras": (lora,), "control": control})
    ]
    together = stages_render(mixed[::-1], model, 4, inputs)
    assert len({pixel_sha256(picture) for picture in together.values()}) == len(mixed)
    for planned in mixed:
        alone = stages_render([planned], model, 4, inputs)[planned.recipe_id]
        assert np.array_equal(alone, together[planned.recipe_id])
    for planned in plan[:2]:
        assert np.array_equal(together[planned.recipe_id], plain[planned.recipe_id])


def test_pictures_are_redrawn_and_repainted_beside_plain_rows(plan, model_name, steering):
    lora, control, inputs = steering
    model = load_model(model_name)
    picture, mask = np.asarray(icon(0, (32, 32))), disc(9, 32)
    pictures = {pixel_sha256(one): one for one in (picture, mask)}
    inputs = replace(inputs, start=pictures.__getitem__)
    whole = RecipeStart(image=pixel_sha256(picture), strength=0.7)
    masked = whole.model_copy(update={"mask": pixel_sha256(mask)})
    mixed = [
        planned.model_copy(update={"recipe": planned.recipe.model_copy(update=changes)})
        for planned in plan[:2]
        for changes in ({}, {"start": whole}, {"start": masked}, {"start": whole, "loras": (lora,), "control": control})
    ]
    together = stages_render(mixed[::-1], model, 4, inputs)
    assert len({pixel_sha256(drawn) for drawn in together.values()}) == len(mixed)
    for planned in mixed:
        alone = stages_render([planned], model, 4, inputs)[planned.recipe_id]
        assert np.array_equal(alone, together[planned.recipe_id])
    kept = mask[..., 0] == 0
    assert np.array_equal(together[mixed[2].recipe_id][kept], picture[kept])


def test_the_hook_gives_the_bits_of_diffusers_own_xl_controlnet_pipeline(plan, model_name, steering):
    _, control, inputs = steering
    model = load_model(model_name)
    net = model.adapters.control_net(control, inputs.files)
    own = StableDiffusionXLControlNetPipeline.from_pipe(model.pipe, controlnet=net)
    own.set_progress_bar_config(disable=True)
    images = torch.from_numpy(inputs.picture(control.image)).permute(2, 0, 1)[None].float().repeat(2, 1, 1, 1) / 255
    with torch.inference_mode():
        positive = model.family.encode(model.pipe, ["fox", "frog"])
        told = given_to_a_pipeline(positive, model.family.encode(model.pipe, ["blurry", "blurry"]))

    def drawn(pipe, **more):
        recipe = plan[0].recipe
        model.pipe.scheduler = own.scheduler = model.family.scheduler(recipe.schedule, recipe.steps, (32, 32))
        noise = [torch.Generator("cpu").manual_seed(seed) for seed in (1, 2)]
        with torch.inference_mode():
            return pipe(
                **told, generator=noise, num_inference_steps=3, guidance_scale=4.0, width=32, height=32,
                output_type="latent", **more,
            ).images  # fmt: skip

    wanted = drawn(own, image=images, controlnet_conditioning_scale=0.6)
    with controlled(model.pipe.unet, net, images, 0.6):
        found = drawn(model.pipe)
    assert found.equal(wanted)
    assert not found.equal(drawn(model.pipe))


def test_what_is_for_another_base_is_refused_before_any_weight_is_loaded(model_name):
    brief = Brief(
        brief="xl",
        prompt="a fox",
        model=model_name,
        size=(32, 32),
        loras=(LoraUse(name="ink"),),
        control=ControlUse(kind="silhouette", image="a.png"),
    )
    problems = dict(check_model(brief))
    assert "does not fit the model: tensor" in problems["loras.0.name"]
    assert "does not fit model" in problems["control.kind"]
