import json
import shutil

import pytest
from safetensors.torch import load_file, save_file

from genart_assets.errors import InputError, ModelError
from genart_assets.models.loading import load_model
from genart_assets.models.loras import find_lora
from genart_assets.models.registry import find_model, model_files
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.brief import Brief
from genart_assets.stages.acceptance.model_checks import check_model
from genart_assets.starter.shipped import SHIPPED
from genart_assets.storage.root import Storage
from genart_assets_tests.starter_plans import starter_plan


@pytest.fixture
def copied(tmp_path):
    return shutil.copytree(SHIPPED["starter"], tmp_path / "model")


def brief(**fields) -> Brief:
    return Brief.model_validate({"brief": "x", "prompt": "p", **fields})


def test_a_directory_in_diffusers_layout_is_a_model(copied):
    model = load_model(str(copied))
    assert model.snapshot.snapshot_id == take_snapshot("starter").snapshot_id
    assert type(model.pipe).__name__ == "StableDiffusionPipeline"


def test_weights_that_are_not_whole_are_refused(copied):
    weights = copied / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(weights)
    del tensors["conv_in.weight"]
    save_file(tensors, weights)
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(str(copied))
    shutil.copy(SHIPPED["starter"] / "unet" / weights.name, weights)
    (copied / "text_encoder" / "model.safetensors").write_bytes(b"")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(str(copied))


def test_a_snapshot_follows_the_content_not_the_place(copied):
    before = take_snapshot(str(copied))
    config = copied / "unet" / "config.json"
    config.write_text(config.read_text() + "\n")
    after = take_snapshot(str(copied))
    assert after.snapshot_id != before.snapshot_id
    assert {path for path in after.files if after.files[path] != before.files[path]} == {"unet/config.json"}


def test_weights_that_changed_under_the_name_are_refused(copied):
    planned_for = take_snapshot(str(copied)).snapshot_id
    config = copied / "vae" / "config.json"
    config.write_text(config.read_text() + " ")
    with pytest.raises(ModelError, match="the plan was made for"):
        load_model(str(copied), planned_for)


@pytest.mark.parametrize(
    "name", ["unet/diffusion_pytorch_model.bin", "text_encoder/pytorch_model.pt", "vae/weights.pkl", "custom.py"]
)
def test_a_file_that_could_run_code_is_refused(copied, name):
    (copied / name).write_bytes(b"\x80\x04N.")
    with pytest.raises(ModelError, match="can run code"):
        take_snapshot(str(copied))
    assert check_model(brief(model=str(copied)))[0][0] == "model"


def test_a_hub_id_needs_a_revision():
    with pytest.raises(InputError, match="has no revision"):
        find_model("stabilityai/stable-diffusion-xl-base-1.0")


def test_a_hub_model_is_found_in_the_local_cache(tmp_path, monkeypatch):
    revision = "0123456789abcdef0123456789abcdef01234567"
    cache = tmp_path / "hub" / "models--studio--icons"
    shutil.copytree(SHIPPED["starter"], cache / "snapshots" / revision)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert take_snapshot(f"studio/icons@{revision}").snapshot_id == take_snapshot("starter").snapshot_id
    with pytest.raises(ModelError, match="could not be loaded from the hub"):
        find_model("studio/icons@ffffffffffffffffffffffffffffffffffffffff")


def test_without_fetch_a_hub_model_that_is_not_cached_is_not_downloaded(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(ModelError, match="could not be loaded from the hub") as refused:
        find_model("studio/icons@main", fetch=False)
    assert "hf download studio/icons --revision main" in refused.value.remedy
    asked = brief(model="studio/icons@main")
    assert check_model(asked, fetch=False)[0][0] == "model"


def test_an_unknown_name_says_what_is_allowed():
    with pytest.raises(InputError, match="starter"):
        find_model("stater")


def test_a_directory_without_weights_is_no_model(tmp_path):
    (tmp_path / "model_index.json").write_text("{}")
    with pytest.raises(ModelError, match="no safetensors"):
        model_files(tmp_path)


def test_a_pipeline_of_an_unknown_family_is_named(copied):
    index = copied / "model_index.json"
    index.write_text(json.dumps({**json.loads(index.read_text()), "_class_name": "MarigoldPipeline"}))
    with pytest.raises(ModelError, match="MarigoldPipeline"):
        load_model(str(copied))
    ((field, problem),) = check_model(brief(model=str(copied)))
    assert field == "model"
    assert "no model family is registered for MarigoldPipeline" in problem


@pytest.mark.parametrize("size", [(64, 64), (128, 32), (40, 56)])
def test_sizes_that_the_starter_can_draw(size):
    assert check_model(brief(size=size)) == []


@pytest.mark.parametrize("size", [(16, 64), (64, 512), (24, 24)])
def test_sizes_that_the_starter_cannot_draw(size):
    field, problem = check_model(brief(size=size))[0]
    assert field == "size"
    assert "32 to 128 px in steps of 8" in problem


def test_loras_and_controls_that_a_model_lacks_are_named():
    asked = brief(loras=[{"name": "house"}], control={"kind": "canny", "image": "a.png"})
    problems = dict(check_model(asked))
    assert list(problems) == ["loras.0.name", "control.kind"]
    assert "there is no LoRA 'house'" in problems["loras.0.name"]
    assert "give control.model a directory or org/name@revision" in problems["control.kind"]


def test_what_ships_with_the_starter_fits_it():
    assert check_model(brief(loras=[{"name": "ink"}], control={"kind": "silhouette", "image": "a.png"})) == []


def test_a_lora_that_is_given_twice_is_refused(tmp_path):
    ((field, problem),) = check_model(brief(loras=[{"name": "ink"}, {"name": "ink", "scale": 0.5}]))
    assert field == "loras.1.name"
    assert "given twice" in problem
    shutil.copy(find_lora("ink"), tmp_path)
    ((field, problem),) = check_model(brief(loras=[{"name": "ink"}, {"name": str(tmp_path), "scale": 0.5}]))
    assert field == "loras.1.name"
    assert "given twice" in problem


def test_a_version_that_no_style_has_is_refused(tmp_path):
    ((field, problem),) = check_model(
        brief(loras=[{"name": "ink", "version": "promoted"}]), Storage.open(str(tmp_path))
    )
    assert field == "loras.0.name"
    assert "style ink has no version 'promoted'; fine-tune a LoRA for it" in problem


def test_the_model_is_loaded_once():
    assert load_model("starter") is load_model("starter", starter_plan(1)[0].recipe.model_snapshot)
