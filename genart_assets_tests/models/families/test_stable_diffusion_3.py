"""Stable Diffusion 3 goes through the same stages, with LoRAs of its transformer, on a tiny pipeline."""

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusion3Pipeline
from safetensors.torch import save_file

from genart_assets.errors import InputError, ModelError
from genart_assets.models.families.installed import family_for, family_of
from genart_assets.models.families.schedulers import SCHEDULERS
from genart_assets.models.families.sides import Sides
from genart_assets.models.families.stable_diffusion_3 import StableDiffusion3
from genart_assets.models.loading import load_model
from genart_assets.models.loras import lora_snapshot
from genart_assets.models.schedules import schedule_for, schedule_of
from genart_assets.records.brief import Brief, ControlUse, LoraUse, Sampler, StartUse
from genart_assets.records.plan import PlannedImage
from genart_assets.records.recipe import RecipeLora
from genart_assets.stages.acceptance.model_checks import check_model
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.stages.rendering.render import render as stages_render
from genart_assets.storage.pixels import pixel_sha256
from genart_assets_tests.models.families.tiny_parts import tiny_plan
from genart_assets_tests.models.families.tiny_sd3 import save_tiny_sd3
from genart_assets_tests.models.families.tiny_sdxl import save_tiny_sdxl
from genart_assets_tests.starter_plans import render


@pytest.fixture(scope="module")
def model_name(tmp_path_factory) -> str:
    folder: Path = tmp_path_factory.mktemp("sd3") / "model"
    return str(save_tiny_sd3(folder))


@pytest.fixture(scope="module")
def plan(model_name) -> list[PlannedImage]:
    return tiny_plan(model_name)


@pytest.fixture(scope="module")
def loras(model_name, tmp_path_factory) -> tuple[list[RecipeLora], Inputs]:
    """One with peft's names, as diffusers' SD3 trainer writes them, and one by the pipeline's own save."""
    folder = tmp_path_factory.mktemp("loras")
    transformer = load_model(model_name).pipe.transformer
    layers = [name for name, _ in transformer.named_modules() if name.endswith(("to_q", "to_k", "add_k_proj"))]
    found, names = [], {}
    for number, scale in enumerate((0.7, 1.0)):
        torch.manual_seed(number)
        tensors = {}
        for layer in layers:
            out, width = transformer.get_submodule(layer).weight.shape
            tensors[f"{layer}.lora_A.weight"] = torch.randn(2, width) * 0.5
            tensors[f"{layer}.lora_B.weight"] = torch.randn(out, 2) * 0.5
        path = folder / f"brand{number}"
        if number:
            StableDiffusion3Pipeline.save_lora_weights(str(path), transformer_lora_layers=tensors)
        else:
            path.mkdir()
            save_file({f"transformer.{name}": tensor for name, tensor in tensors.items()}, path / "a.safetensors")
        snapshot = lora_snapshot(str(path)).snapshot_id
        found.append(RecipeLora(name=path.name, snapshot=snapshot, scale=scale))
        names[snapshot] = str(path)
    return found, Inputs(names)


def test_the_family_is_found_by_the_pipelines_class():
    assert isinstance(family_of("StableDiffusion3Pipeline"), StableDiffusion3)


@pytest.mark.parametrize("with_t5", [True, False])
def test_pictures_are_the_pipelines_own(tmp_path, with_t5):
    """The three stages give what one call of diffusers' pipeline gives, row by row."""
    name = str(save_tiny_sd3(tmp_path / "model", with_t5=with_t5))
    plan, pipe = tiny_plan(name), load_model(name).pipe
    recipe = plan[0].recipe
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
    staged = render(plan, model_name=name, rows=len(plan))
    assert len({pixel_sha256(picture) for picture in staged.values()}) == len(plan)
    for one, expected in zip(plan, whole, strict=True):
        difference = np.abs(staged[one.recipe_id].astype(int) - np.round(expected * 255).astype(int))
        assert difference.max() <= 1


def test_loras_of_the_transformer_never_leak_into_a_neighbours_bits(plan, model_name, loras):
    (first, second), inputs = loras
    model = load_model(model_name)
    plain = stages_render(plan, model, 4)
    mixed = [
        one.model_copy(update={"recipe": one.recipe.model_copy(update={"loras": used})})
        for one in plan[:3]
        for used in ((), (first,), (second,), (first, second))
    ]
    together = stages_render(mixed, model, 4, inputs)
    again = stages_render(mixed[::-1], model, 4, inputs)
    assert len({pixel_sha256(picture) for picture in together.values()}) == len(mixed)
    for one in mixed:
        alone = stages_render([one], model, 4, inputs)[one.recipe_id]
        assert np.array_equal(alone, together[one.recipe_id])
        assert np.array_equal(alone, again[one.recipe_id])
    for one in plan[:3]:
        assert np.array_equal(together[one.recipe_id], plain[one.recipe_id])


def test_a_lora_gives_the_bits_of_diffusers_own_loading(plan, model_name, loras):
    (_, second), inputs = loras
    model = load_model(model_name)
    steered = plan[0].model_copy(update={"recipe": plan[0].recipe.model_copy(update={"loras": (second,)})})
    found = stages_render([steered], model, 1, inputs)[steered.recipe_id]
    own = StableDiffusion3Pipeline.from_pretrained(model_name, dtype=torch.float32)
    own.set_progress_bar_config(disable=True)
    own.load_lora_weights(inputs.files[second.snapshot], weight_name="pytorch_lora_weights.safetensors")
    drawn = own(
        prompt=steered.recipe.prompt,
        negative_prompt=steered.recipe.negative_prompt,
        generator=torch.Generator("cpu").manual_seed(steered.recipe.seed),
        num_inference_steps=3,
        guidance_scale=4.0,
        width=32,
        height=32,
        output_type="np",
    ).images[0]
    assert np.abs(found.astype(int) - np.round(drawn * 255).astype(int)).max() <= 1


def test_sides_are_whole_patches_and_end_where_the_positions_do(model_name):
    assert family_for(model_name).sides(model_name) == Sides(best=48, step=4, most=64)
    problems = dict(check_model(Brief(brief="wide", prompt="a fox", model=model_name, size=(72, 32))))
    assert "sides of 24 to 64 px in steps of 4" in problems["size"]


@pytest.mark.parametrize("sampler", SCHEDULERS)
def test_a_sampler_of_other_models_is_refused(model_name, sampler):
    wanted = Sampler(scheduler=sampler, guidance_rescale=0.5)
    problems = dict(check_model(Brief(brief="odd", prompt="a fox", model=model_name, size=(32, 32), sampler=wanted)))
    assert problems.keys() == {"sampler.scheduler", "sampler.guidance_rescale"}
    assert "use 'model'" in problems["sampler.scheduler"]
    with pytest.raises(InputError, match="is a flow-matching one"):
        schedule_of(model_name, wanted, (32, 32))


def test_noise_that_no_seed_determines_is_refused(tmp_path):
    name = save_tiny_sd3(tmp_path / "model")
    config = name / "scheduler" / "scheduler_config.json"
    config.write_text(config.read_text().replace('"stochastic_sampling": false', '"stochastic_sampling": true'))
    with pytest.raises(ModelError, match="no seed of a recipe determines"):
        schedule_for(str(name), "model", 3, (32, 32))


def test_what_its_transformer_cannot_do_is_refused_before_any_weight_is_loaded(model_name):
    brief = Brief(
        brief="three",
        prompt="a fox",
        model=model_name,
        size=(32, 32),
        loras=(LoraUse(name="ink"),),
        control=ControlUse(kind="silhouette", image="a.png"),
        start=StartUse(image="a.png"),
    )
    problems = dict(check_model(brief))
    assert "does not fit the model" in problems["loras.0.name"]
    assert "has no UNet that a ControlNet" in problems["control.kind"]
    assert "has no UNet" in problems["start"]


def test_a_lora_of_a_transformer_is_refused_by_a_unet(tmp_path, loras):
    (first, _), inputs = loras
    name = str(save_tiny_sdxl(tmp_path / "xl"))
    brief = Brief(
        brief="xl", prompt="a fox", model=name, size=(32, 32), loras=(LoraUse(name=inputs.files[first.snapshot]),)
    )
    assert "does not fit the model" in dict(check_model(brief))["loras.0.name"]


def test_a_kohya_named_lora_of_a_transformer_is_refused_in_plain_words(model_name, tmp_path):
    name = "lora_unet_joint_blocks_0_x_block_attn_proj"
    tensors = {"lora_down.weight": torch.ones(2, 32), "lora_up.weight": torch.ones(32, 2), "alpha": torch.tensor(1.0)}
    path = tmp_path / "kohya.safetensors"
    save_file({f"{name}.{key}": tensor for key, tensor in tensors.items()}, path)
    brief = Brief(brief="three", prompt="a fox", model=model_name, size=(32, 32), loras=(LoraUse(name=str(path)),))
    assert "kohya's names are understood for UNets alone" in dict(check_model(brief))["loras.0.name"]
