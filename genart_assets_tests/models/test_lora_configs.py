"""How much each pair of a LoRA's matrices counts: as its file says, layer by layer, whatever trainer wrote it."""

import json

import pytest
import torch
from peft.tuners.tuners_utils import BaseTunerLayer
from safetensors.torch import save_file

from genart_assets.errors import ModelError
from genart_assets.models.families.installed import family_for
from genart_assets.models.loading import load_model
from genart_assets.models.lora_weights import read_lora
from genart_assets.models.snapshot import component_config
from genart_assets_tests.models.tiny_loras import used

UNET, FAMILY = component_config("starter", "unet"), family_for("starter")
LAYERS = [f"mid_block.attentions.0.transformer_blocks.0.attn1.{name}" for name in ("to_q", "to_k", "to_out.0")]
LAYERS += ["mid_block.attentions.0.proj_in", "mid_block.resnets.0.conv1"]
METADATA = {"r": 4, "lora_alpha": 8, "rank_pattern": {"to_k": 2}, "alpha_pattern": {"to_k": 3, "proj_in": 1}}


@pytest.fixture(scope="module")
def unet():
    return load_model("starter").pipe.unet


def pair(unet, layer, rank):
    out, *into = unet.get_submodule(layer).weight.shape
    return torch.randn(rank, *into) * 0.1, torch.randn(out, rank, *(1 for _ in into[1:])) * 0.1


def kohya(unet, ranks, alphas):
    tensors = {}
    for layer, rank, alpha in zip(LAYERS, ranks, alphas, strict=True):
        name = f"lora_unet_{layer.replace('.', '_')}"
        tensors[f"{name}.lora_down.weight"], tensors[f"{name}.lora_up.weight"] = pair(unet, layer, rank)
        if alpha is not None:
            tensors[f"{name}.alpha"] = torch.tensor(float(alpha))
    return tensors


def plain(unet, ranks):
    tensors = {}
    for layer, rank in zip(LAYERS, ranks, strict=True):
        name = f"unet.{layer}"
        tensors[f"{name}.lora_A.weight"], tensors[f"{name}.lora_B.weight"] = pair(unet, layer, rank)
    return tensors


def saved(folder, tensors, metadata=None):
    text = metadata if isinstance(metadata, str) else json.dumps(metadata)
    path = folder / "a.safetensors"
    save_file(tensors, path, None if metadata is None else {"lora_adapter_metadata": text})
    return path


def of_unet(**changed):
    return {f"unet.{key}": value for key, value in {**METADATA, **changed}.items()}


def shares_in(unet, path):
    """Layer to the number by which its matrices count, where the LoRA alone acts on the loaded model."""
    lora, adapters = used(path), load_model("starter").adapters
    adapters.switch([lora], {lora.snapshot: str(path)})
    try:
        layers = [(name, layer) for name, layer in unet.named_modules() if isinstance(layer, BaseTunerLayer)]
        return {name: layer.scaling[lora.snapshot] for name, layer in layers if lora.snapshot in layer.scaling}
    finally:
        adapters.switch((), {})


@pytest.mark.parametrize(
    ("ranks", "alphas", "shares"),
    [
        ((4, 4, 4, 4, 4), (2, 2, 2, 2, 2), (0.5, 0.5, 0.5, 0.5, 0.5)),
        ((4, 4, 4, 4, 4), (2, 1, 2, 4, 8), (0.5, 0.25, 0.5, 1, 2)),
        ((4, 8, 2, 4, 8), (2, 2, 2, 8, 1), (0.5, 0.25, 1, 2, 0.125)),
        ((4, 4, 8, 4, 2), (2, None, None, 2, 1), (0.5, 1, 1, 0.5, 0.5)),
        ((4, 4, 8, 4, 2), (None,) * 5, (1, 1, 1, 1, 1)),
    ],
)
def test_kohyas_alphas_count_layer_by_layer_and_a_missing_one_is_the_rank(tmp_path, unet, ranks, alphas, shares):
    path = saved(tmp_path, kohya(unet, ranks, alphas))
    assert shares_in(unet, path) == dict(zip(LAYERS, shares, strict=True))


def test_the_metadatas_patterns_count_layer_by_layer(tmp_path, unet):
    tensors = plain(unet, (4, 2, 4, 4, 4))
    assert shares_in(unet, saved(tmp_path, tensors, of_unet())) == dict(zip(LAYERS, (2, 1.5, 2, 0.25, 2), strict=True))
    by_root = saved(tmp_path, tensors, of_unet(use_rslora=True))
    assert shares_in(unet, by_root)[LAYERS[0]] == 4


def test_without_metadata_every_layer_counts_once_whatever_its_rank(tmp_path, unet):
    assert set(shares_in(unet, saved(tmp_path, plain(unet, (4, 8, 2, 1, 3)))).values()) == {1}


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        (of_unet(r=8), "proj_in has rank 4, its metadata says 8"),
        (of_unet(r=0), "r in its metadata"),
        (of_unet(lora_alpha="much"), "lora_alpha in its metadata"),
        (of_unet(lora_alpha=float("nan")), "lora_alpha in its metadata"),
        (of_unet(alpha_pattern={"(": 1.0}), "is no regular expression"),
        (of_unet(init_lora_weights="pissa"), "init_lora_weights in its metadata"),
        (of_unet(bias="all"), "bias in its metadata"),
        (of_unet(use_dora=True), "of no plain kind: its metadata has use_dora true"),
        (of_unet(modules_to_save=["proj_out"]), "of no plain kind: its metadata has modules_to_save"),
        (METADATA, "has no key that begins with unet"),
        ([1, 2], "lora_adapter_metadata in its metadata"),
        ("{", "lora_adapter_metadata in its metadata"),
    ],
)
def test_metadata_that_cannot_be_followed_is_refused_before_anything_is_loaded(tmp_path, unet, metadata, says):
    path = saved(tmp_path, plain(unet, (4, 2, 4, 4, 4)), metadata)
    with pytest.raises(ModelError, match=says):
        read_lora(path, FAMILY, UNET)


def test_what_an_other_trainer_notes_beside_changes_nothing(tmp_path, unet):
    noted = of_unet(lora_dropout=0.5, target_modules=["to_v"], a_field_of_tomorrow=1, init_lora_weights="gaussian")
    path = saved(tmp_path, plain(unet, (4, 2, 4, 4, 4)), noted)
    assert shares_in(unet, path).keys() == set(LAYERS)


def test_an_alpha_beside_other_names_than_kohyas_is_refused(tmp_path, unet):
    tensors = plain(unet, (4, 4, 4, 4, 4)) | {f"unet.{LAYERS[0]}.alpha": torch.tensor(2.0)}
    with pytest.raises(ModelError, match="is an alpha beside names that are not kohya's"):
        read_lora(saved(tmp_path, tensors), FAMILY, UNET)


def test_alphas_in_tensors_and_in_metadata_are_refused(tmp_path, unet):
    path = saved(tmp_path, kohya(unet, (4, 2, 4, 4, 4), (2, 2, 2, 2, 2)), of_unet())
    with pytest.raises(ModelError, match="tells alphas twice"):
        read_lora(path, FAMILY, UNET)
