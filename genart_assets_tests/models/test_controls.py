"""ControlNets: the same numbers as diffusers' own pipeline gives, and which ones are taken."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from genart_assets.errors import InputError, ModelError
from genart_assets.models.controls import control_snapshot, controlled, find_control, load_control, require_fit
from genart_assets.models.loading import load_model
from genart_assets.starter.shipped import SHIPPED_CONTROLS
from genart_assets.storage.pixels import pixel_sha256
from genart_assets_tests.models.tiny_controls import disc, drawing, shipped_control

SILHOUETTE = SHIPPED_CONTROLS["silhouette"]


def test_the_hook_gives_the_bits_of_diffusers_own_controlnet_pipeline():
    from diffusers import StableDiffusionControlNetPipeline

    model = load_model("starter")
    net = model.adapters.control_net(shipped_control(), {shipped_control().snapshot: "silhouette"})
    images = torch.from_numpy(disc(20)).permute(2, 0, 1)[None].float().repeat(2, 1, 1, 1) / 255
    model.pipe.scheduler = type(model.pipe.scheduler).from_config(model.pipe.scheduler.config)
    own = StableDiffusionControlNetPipeline.from_pipe(model.pipe, controlnet=net)
    own.set_progress_bar_config(disable=True)
    drawn = drawing(model, ["flat icon of lemon on white background", "flat icon of panda"])
    wanted = drawn(own, image=images, controlnet_conditioning_scale=0.8)
    plain = drawn(model.pipe)
    with controlled(model.pipe.unet, net, images, 0.8):
        found = drawn(model.pipe)
    assert found.equal(wanted)
    assert not found.equal(plain)
    assert drawn(model.pipe).equal(plain)


def test_the_hook_leaves_with_an_error():
    unet = load_model("starter").pipe.unet
    with pytest.raises(RuntimeError, match="injected"), controlled(unet, None, torch.zeros(1), 1.0):
        raise RuntimeError("injected")
    assert not unet._forward_pre_hooks


def test_the_shipped_controlnet_fits_the_starter_and_another_base_is_named(tmp_path):
    require_fit("silhouette", "starter")
    shutil.copytree(SILHOUETTE, tmp_path / "wide")
    config = json.loads((SILHOUETTE / "config.json").read_text())
    (tmp_path / "wide" / "config.json").write_text(json.dumps(config | {"cross_attention_dim": 768}))
    with pytest.raises(ModelError, match="its cross_attention_dim is 768, the model's is 192"):
        require_fit(str(tmp_path / "wide"), "starter")
    (tmp_path / "wide" / "config.json").write_text(json.dumps(config | {"_class_name": "ControlNetUnionModel"}))
    with pytest.raises(ModelError, match="holds ControlNetUnionModel, not a ControlNetModel or a T2IAdapter"):
        require_fit(str(tmp_path / "wide"), "starter")


def test_a_kind_that_is_not_shipped_needs_a_model():
    with pytest.raises(InputError, match="there is no ControlNet 'depth'"):
        find_control("depth")


def test_a_controlnet_that_changed_since_the_plan_or_is_not_finite_is_refused(tmp_path):
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "net"
    shutil.copytree(SILHOUETTE, folder)
    planned = shipped_control(image=pixel_sha256(disc(20)))
    weights = load_file(folder / "diffusion_pytorch_model.safetensors")
    weights["controlnet_mid_block.bias"][0] = torch.inf
    save_file(weights, folder / "diffusion_pytorch_model.safetensors", metadata={"format": "pt"})
    adapters = load_model("starter").adapters
    changed = planned.model_copy(update={"snapshot": control_snapshot(str(folder)).snapshot_id})
    with pytest.raises(ModelError, match="not finite"):
        adapters.control_net(changed, {changed.snapshot: str(folder)})
    missing = planned.model_copy(update={"snapshot": "9" * 64})
    with pytest.raises(ModelError, match="the plan was made for 999999999999"):
        adapters.control_net(missing, {missing.snapshot: str(folder)})


def cut(weights):
    weights.write_bytes(weights.read_bytes()[:1000])


def gone(weights):
    weights.rename(weights.with_name("diffusion_pytorch_model.fp16.safetensors"))


def without_a_tensor(weights):
    tensors = load_file(weights)
    del tensors["conv_in.weight"]
    save_file(tensors, weights)


def of_another_shape(weights):
    save_file(load_file(weights) | {"conv_in.weight": torch.ones(1)}, weights)


@pytest.mark.parametrize("damage", [cut, gone, without_a_tensor, of_another_shape])
def test_a_controlnet_whose_weights_are_not_whole_is_refused(tmp_path, damage):
    folder = tmp_path / "net"
    shutil.copytree(SILHOUETTE, folder)
    damage(folder / "diffusion_pytorch_model.safetensors")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_control(str(folder), load_model("starter").pipe.unet)
