"""A family is one file: what another package registers is found, drawn with, checked and fine-tuned."""

import importlib
from pathlib import Path

import numpy as np
import pytest
import torch

from genart_assets.errors import GenartError, InputError
from genart_assets.finetuning.finetune_lora import finetune_lora
from genart_assets.finetuning.inputs import TrainingData
from genart_assets.loras.records import FinetuneConfig
from genart_assets.models.families.installed import family_for, family_of
from genart_assets.models.loading import load_model
from genart_assets.models.loras import lora_snapshot
from genart_assets.models.schedules import schedule_for, schedule_of
from genart_assets.records.brief import Brief, ControlUse, LoraUse, Sampler, StartUse
from genart_assets.records.recipe import RecipeLora
from genart_assets.stages.acceptance.model_checks import check_model
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.stages.rendering.render import render
from genart_assets_tests.models.families.flux_in_one_file import Flux
from genart_assets_tests.models.families.tiny_flux import save_tiny_flux
from genart_assets_tests.models.families.tiny_parts import tiny_plan

ROWS = 4


def install(folder: Path, *entries: str) -> None:
    """A package's metadata on the path, with families under pipelines' class names."""
    info = folder / "studio_families-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: studio-families\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join(["[genart_assets.model_families]", *entries, ""]))
    importlib.invalidate_caches()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        install(folder, f"FluxPipeline = {Flux.__module__}:Flux")
        yield


@pytest.fixture(scope="module")
def name(installed, tmp_path_factory) -> str:
    return str(save_tiny_flux(tmp_path_factory.mktemp("flux") / "model"))


@pytest.fixture(scope="module")
def plan(name):
    return tiny_plan(name)


def test_it_is_found_by_the_pipelines_class_and_by_the_model(name):
    assert isinstance(family_of("FluxPipeline"), Flux)
    assert isinstance(family_for(name), Flux)
    assert isinstance(load_model(name).family, Flux)


def test_pictures_are_the_pipelines_own_and_depend_on_no_neighbour(plan, name):
    model = load_model(name)
    together = render(plan, model, ROWS)
    whole = model.pipe(
        prompt=[p.recipe.prompt for p in plan],
        generator=[torch.Generator("cpu").manual_seed(p.recipe.seed) for p in plan],
        num_inference_steps=plan[0].recipe.steps,
        guidance_scale=plan[0].recipe.guidance,
        width=32,
        height=32,
        output_type="np",
    ).images
    assert len({picture.tobytes() for picture in together.values()}) == len(plan)
    for one, expected in zip(plan, whole, strict=True):
        difference = np.abs(together[one.recipe_id].astype(int) - np.round(expected * 255).astype(int))
        assert difference.max() <= 1
        assert np.array_equal(render([one], model, ROWS)[one.recipe_id], together[one.recipe_id])


def test_guidance_is_an_input_and_timesteps_follow_the_size(plan, name):
    model, recipe = load_model(name), plan[0].recipe
    other = plan[0].model_copy(update={"recipe": recipe.model_copy(update={"guidance": 1.5})})
    drawn = render([plan[0], other], model, ROWS)
    assert not np.array_equal(drawn[plan[0].recipe_id], drawn[other.recipe_id])
    assert schedule_for(name, "model", 3, (64, 64)).timesteps != recipe.schedule.timesteps


def test_a_brief_is_held_against_what_it_says_of_itself(name):
    brief = Brief(
        brief="flux",
        prompt="a fox",
        model=name,
        size=(64, 512),
        sampler=Sampler(scheduler="euler"),
        control=ControlUse(kind="silhouette", image="a.png"),
        start=StartUse(image="a.png"),
        loras=(LoraUse(name="ink"),),
    )
    problems = dict(check_model(brief))
    assert problems.keys() == {"size", "sampler.scheduler", "control.kind", "start", "loras.0.name"}
    assert "64 px is outside of what the model can do" in problems["size"]
    assert "does not fit the model" in problems["loras.0.name"]
    assert check_model(Brief(brief="flux", prompt="a fox", model=name, size=(128, 256))) == []
    with pytest.raises(InputError, match="is a flow-matching one"):
        schedule_of(name, brief.sampler, brief.size)


def test_a_lora_is_learnt_and_steers_it(plan, name, tmp_path):
    model = load_model(name)
    model.family.require_trainable(name)
    pictures = np.random.default_rng(0).integers(0, 255, (2, 32, 32, 3), np.uint8)
    data = TrainingData("pictures", pictures, ("red apple", "lemon"), np.ones(2))
    learnt = finetune_lora(model, data, FinetuneConfig(steps=2, rows=2, rate=0.05, warm_up=0))
    assert all(np.isfinite(line.denoising) for line in learnt.record.losses)
    file = tmp_path / "brand.safetensors"
    file.write_bytes(learnt.weights)
    brief = Brief(brief="flux", prompt="p", model=name, size=(128, 128), loras=(LoraUse(name=str(file)),))
    assert check_model(brief) == []
    lora = RecipeLora(name="brand", snapshot=lora_snapshot(str(file)).snapshot_id, scale=1.0)
    steered = plan[0].model_copy(update={"recipe": plan[0].recipe.model_copy(update={"loras": (lora,)})})
    drawn = render([plan[0], steered], model, ROWS, Inputs({lora.snapshot: str(file)}))
    assert not np.array_equal(drawn[plan[0].recipe_id], drawn[steered.recipe_id])


def test_what_is_not_a_whole_family_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    install(
        tmp_path,
        "PixArtSigmaPipeline = pathlib:Path",
        "SanaPipeline = genart_assets.models.families.protocol:ModelFamily",
    )
    with pytest.raises(GenartError, match=r"'PixArtSigmaPipeline' \(pathlib:Path\): it is not a ModelFamily"):
        family_of("PixArtSigmaPipeline")
    with pytest.raises(GenartError, match=r"'SanaPipeline' .*: it lacks component, decode, .*network_class, predict"):
        family_of("SanaPipeline")
