"""T2I-Adapters: the same bits as diffusers' own pipeline, which ones fit, and that a neighbour does not notice one."""

import hashlib

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionAdapterPipeline, T2IAdapter

from genart_assets.errors import ModelError
from genart_assets.models.controls import control_snapshot, controlled, require_fit
from genart_assets.models.loading import load_model
from genart_assets.models.t2i_adapters import features_of, taken_in
from genart_assets.records.recipe import RecipeControl
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.stages.rendering.render import render
from genart_assets.storage.pixels import pixel_sha256
from genart_assets_tests.models.tiny_controls import disc, drawing, shipped_control
from genart_assets_tests.starter_plans import starter_plan

FITTING = {"channels": [128, 192, 224], "num_res_blocks": 1, "downscale_factor": 16, "adapter_type": "full_adapter_xl"}


def saved(folder, **config) -> str:
    """A random adapter; the starter's UNet halves in its first block, so that one for SDXL's fits it."""
    torch.manual_seed(1)
    T2IAdapter(**{**FITTING, **config}).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory) -> str:
    return saved(tmp_path_factory.mktemp("adapter") / "canny")


def control_of(name, image) -> RecipeControl:
    snapshot = control_snapshot(name).snapshot_id
    return RecipeControl(kind="canny", snapshot=snapshot, image=pixel_sha256(image), scale=0.8)


@pytest.mark.parametrize("in_channels", [1, 3])
def test_the_hook_gives_the_bits_of_diffusers_own_adapter_pipeline(tmp_path, in_channels):
    model = load_model("starter")
    name = saved(tmp_path / "own", in_channels=in_channels)
    control = control_of(name, disc(20))
    net = model.adapters.control_net(control, {control.snapshot: name})
    images = torch.from_numpy(disc(20)).permute(2, 0, 1)[None].float().repeat(2, 1, 1, 1) / 255
    model.pipe.scheduler = type(model.pipe.scheduler).from_config(model.pipe.scheduler.config)
    own = StableDiffusionAdapterPipeline(
        **{name: getattr(model.pipe, name) for name in ("vae", "text_encoder", "tokenizer", "unet", "scheduler")},
        adapter=net, safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    own.set_progress_bar_config(disable=True)
    drawn = drawing(model, ["icon of lemon", "icon of panda"])
    wanted = drawn(own, image=images[:, :in_channels], adapter_conditioning_scale=0.8)
    plain = drawn(model.pipe)
    with controlled(model.pipe.unet, net, images, 0.8):
        found = drawn(model.pipe)
    assert found.equal(wanted)
    assert not found.equal(plain)
    assert drawn(model.pipe).equal(plain)


def test_rows_with_an_adapter_a_controlnet_or_neither_have_the_bits_of_each_alone(adapter):
    model, image = load_model("starter"), disc(20)
    of_adapter, of_net = control_of(adapter, image), shipped_control(image=pixel_sha256(image))
    inputs = Inputs({of_adapter.snapshot: adapter, of_net.snapshot: "silhouette"}, {pixel_sha256(image): image}.get)
    mixed = [
        planned.model_copy(update={"recipe": planned.recipe.model_copy(update={"control": control})})
        for planned in starter_plan(2, steps=2)
        for control in (None, of_adapter, of_net)
    ]
    together = render(mixed[::-1], model, 4, inputs)
    assert len({hashlib.sha256(picture.tobytes()).hexdigest() for picture in together.values()}) == len(mixed)
    for planned in mixed:
        alone = render([planned], model, 4, inputs)[planned.recipe_id]
        assert np.array_equal(alone, together[planned.recipe_id])


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"channels": [128, 192, 256]}, r"its feature 2 has 256 channels at 1/32 of the size, the model takes 224"),
        (
            {"downscale_factor": 8},
            r"its feature 0 has 128 channels at 1/8 of the size, the model takes 128 channels at",
        ),
        ({"adapter_type": "full_adapter"}, r"its feature 1 has 192 channels at 1/32"),
        ({"in_channels": 4}, "it takes 4 channels in"),
    ],
)
def test_an_adapter_of_another_base_is_refused(tmp_path, config, says):
    with pytest.raises(ModelError, match=says):
        require_fit(saved(tmp_path / "other", **config), "starter")


def test_one_that_fits_is_taken(adapter):
    require_fit(adapter, "starter")


def test_the_published_adapters_fit_the_bases_that_they_were_trained_on():
    vae = {"block_out_channels": [128, 256, 512, 512]}
    crossing, plain = "CrossAttnDownBlock2D", "DownBlock2D"
    sd15 = {"block_out_channels": [320, 640, 1280, 1280], "down_block_types": [crossing, crossing, crossing, plain]}
    sdxl = {"block_out_channels": [320, 640, 1280], "down_block_types": [plain, crossing, crossing]}
    of_sd15 = features_of({"channels": [320, 640, 1280, 1280], "downscale_factor": 8, "adapter_type": "full_adapter"})
    of_sdxl = features_of(
        {"channels": [320, 640, 1280, 1280], "downscale_factor": 16, "adapter_type": "full_adapter_xl"}
    )
    assert taken_in(sd15, vae)[:4] == of_sd15
    assert taken_in(sdxl, vae) == of_sdxl
