"""Which files a LoRA's name leads to, and which of them are taken."""

import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from genart_assets.errors import InputError, ModelError
from genart_assets.models.families.installed import family_for
from genart_assets.models.lora_weights import read_lora
from genart_assets.models.loras import USUAL_NAME, find_lora, lora_snapshot, name_in_recipe
from genart_assets.models.snapshot import component_config
from genart_assets.starter.shipped import SHIPPED_LORAS

UNET = component_config("starter", "unet")
INK = SHIPPED_LORAS["ink"] / USUAL_NAME
LAYER = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q"


def read(path):
    return read_lora(path, family_for("starter"), UNET)


def changed(tmp_path, change):
    """The shipped LoRA with some tensors changed; ``change`` gets them by name."""
    tensors = load_file(INK)
    change(tensors)
    save_file(tensors, tmp_path / "changed.safetensors")
    return tmp_path / "changed.safetensors"


def test_the_shipped_lora_is_whole_and_fits():
    assert find_lora("ink") == INK
    assert len(read(INK).tensors) == 140
    assert lora_snapshot("ink").licence == "Apache-2.0"


def test_a_directory_with_one_file_a_file_and_the_usual_name_are_found(tmp_path):
    shutil.copy(INK, tmp_path / "house.safetensors")
    assert find_lora(str(tmp_path)) == find_lora(str(tmp_path / "house.safetensors")) == tmp_path / "house.safetensors"
    shutil.copy(INK, tmp_path / "other.safetensors")
    with pytest.raises(InputError, match="holds 2"):
        find_lora(str(tmp_path))
    shutil.copy(INK, tmp_path / USUAL_NAME)
    assert find_lora(str(tmp_path)) == tmp_path / USUAL_NAME


def test_what_could_run_code_is_refused(tmp_path):
    (tmp_path / "lora.bin").touch()
    with pytest.raises(ModelError, match="can run code"):
        find_lora(str(tmp_path / "lora.bin"))
    shutil.copy(INK, tmp_path)
    with pytest.raises(ModelError, match="can run code"):
        find_lora(str(tmp_path))


def test_a_hub_id_needs_a_revision_and_a_name_must_lead_somewhere():
    for name in ("org/lora", "nowhere"):
        with pytest.raises(InputError, match="there is no LoRA"):
            find_lora(name)
    with pytest.raises(ModelError) as caught:
        find_lora("org/lora@abc", fetch=False)
    assert "hf download org/lora" in caught.value.remedy


def test_a_snapshot_follows_the_content(tmp_path):
    shutil.copy(INK, tmp_path)
    assert lora_snapshot(str(tmp_path)).snapshot_id == lora_snapshot("ink").snapshot_id
    (tmp_path / "LICENSE").write_text("CC-BY-4.0\n")
    assert lora_snapshot(str(tmp_path)).licence == "CC-BY-4.0"
    assert lora_snapshot(str(tmp_path)).snapshot_id == lora_snapshot("ink").snapshot_id
    shutil.move(changed(tmp_path, lambda t: t[f"{LAYER}.lora.up.weight"].mul_(2)), tmp_path / USUAL_NAME)
    assert lora_snapshot(str(tmp_path)).snapshot_id != lora_snapshot("ink").snapshot_id


def test_a_recipe_names_no_path():
    assert name_in_recipe("/studio/loras/house.safetensors") == name_in_recipe("/elsewhere/house") == "house"
    assert name_in_recipe("org/lora@abc") == "org/lora@abc"


def nan(tensors):
    tensors[f"{LAYER}.lora.up.weight"][0, 0] = torch.nan


def for_a_text_encoder(tensors):
    tensors["text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_A.weight"] = torch.ones(1)


def dora(tensors):
    tensors[f"{LAYER}.dora_scale"] = torch.ones(224)


def without_prefix(tensors):
    tensors["mid_block.x.lora_A.weight"] = torch.ones(1, 1)


def partnerless(tensors):
    del tensors[f"{LAYER}.lora.up.weight"]


def other_layer(tensors):
    for matrix in ("down", "up"):
        tensors[f"unet.mid_block.attentions.7.to_q.lora.{matrix}.weight"] = torch.ones(1, 1)


def wider(tensors):
    tensors[f"{LAYER}.lora.down.weight"] = torch.ones(16, 320)


def narrower(tensors):
    tensors[f"{LAYER}.lora.up.weight"] = torch.ones(100, 16)


def without_rank(tensors):
    tensors[f"{LAYER}.lora.down.weight"], tensors[f"{LAYER}.lora.up.weight"] = torch.ones(0, 224), torch.ones(224, 0)


def convolving_twice(tensors):
    layer = "unet.mid_block.resnets.0.conv1.lora"
    tensors[f"{layer}.down.weight"], tensors[f"{layer}.up.weight"] = torch.ones(4, 224, 3, 3), torch.ones(224, 4, 3, 3)


def of_eight_bits(tensors):
    tensors[f"{LAYER}.lora.up.weight"] = tensors[f"{LAYER}.lora.up.weight"].to(torch.float8_e4m3fn)


def of_whole_numbers(tensors):
    tensors[f"{LAYER}.lora.up.weight"] = tensors[f"{LAYER}.lora.up.weight"].to(torch.int8)


def with_many_alphas(tensors):
    tensors.clear()
    kohya = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q"
    tensors[f"{kohya}.lora_down.weight"], tensors[f"{kohya}.lora_up.weight"] = torch.ones(4, 224), torch.ones(224, 4)
    tensors[f"{kohya}.alpha"] = torch.tensor([2.0, 3.0])


def for_a_third_text_encoder(tensors):
    tensors["text_encoder_3.encoder.block.0.layer.0.SelfAttention.q.lora_A.weight"] = torch.ones(1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (nan, f"tensor {LAYER}.lora.up.weight holds values that are not finite"),
        (for_a_text_encoder, "changes a text encoder: tensor text_encoder.text_model"),
        (for_a_third_text_encoder, "changes a text encoder: tensor text_encoder_3"),
        (without_rank, r"lora_A.weight is \[0, 224\]"),
        (convolving_twice, r"lora_B.weight is \[224, 4, 3, 3\], its layer's weight is \[224, 224, 3, 3\]"),
        (of_eight_bits, f"{LAYER}.lora.up.weight is float8_e4m3fn"),
        (of_whole_numbers, f"{LAYER}.lora.up.weight is int8"),
        (with_many_alphas, r"attn1_to_q.alpha is of shape \[2\]"),
        (dora, f"holds tensor {LAYER}.dora_scale, which is of no plain LoRA"),
        (without_prefix, "tensor mid_block.x.lora_A.weight, which is of no plain LoRA"),
        (partnerless, "has no partner"),
        (other_layer, "does not fit the model: tensor mid_block.attentions.7.to_q.lora_A.weight is for layer"),
        (wider, r"lora_A.weight is \[16, 320\], its layer's weight is \[224, 224\]"),
        (narrower, r"lora_B.weight is \[100, 16\], its layer's weight is \[224, 224\]"),
    ],
)
def test_a_lora_that_cannot_be_used_is_refused_with_its_first_tensor(tmp_path, change, says):
    with pytest.raises(ModelError, match=says):
        read(changed(tmp_path, change))


def test_a_lora_of_an_sdxl_model_does_not_fit_the_starter(tmp_path):
    names = ("lora_down.weight", "lora_up.weight", "alpha")
    shapes = ((8, 640), (640, 8), ())
    kohya = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q"
    save_file(
        {f"{kohya}.{name}": torch.ones(shape) for name, shape in zip(names, shapes, strict=True)},
        tmp_path / "xl.safetensors",
    )
    with pytest.raises(ModelError, match="does not fit the model"):
        read(tmp_path / "xl.safetensors")


def test_damaged_and_empty_files_are_refused(tmp_path):
    (tmp_path / "cut.safetensors").write_bytes(INK.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be read"):
        read(tmp_path / "cut.safetensors")
    save_file({}, tmp_path / "empty.safetensors")
    with pytest.raises(ModelError, match="holds no tensors"):
        read(tmp_path / "empty.safetensors")


def test_a_model_without_a_known_denoiser_has_no_adapters(tmp_path):
    model = tmp_path / "flux"
    model.mkdir()
    for kind in ("StableDiffusionPipeline", "StableDiffusion3Pipeline"):
        (model / "model_index.json").write_text(f'{{"_class_name": "{kind}"}}')
        family = family_for(str(model))
        with pytest.raises(ModelError, match="flux' has no denoiser, which LoRAs cannot"):
            family.require_loras(str(model))
        with pytest.raises(ModelError, match="no UNet"):
            family.require_control(str(model), "silhouette")
