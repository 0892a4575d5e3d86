"""Starting from pictures: the same numbers as diffusers' own img2img and inpaint pipelines."""

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers import (
    StableDiffusionImg2ImgPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
)

from genart_assets.models.autoencoder import encode_pictures
from genart_assets.models.families.protocol import Conditions
from genart_assets.models.loading import load_model
from genart_assets.models.sampling import denoised
from genart_assets.models.schedules import schedule_for
from genart_assets.models.starting import Start, latent_mask
from genart_assets.records.recipe import steps_taken
from genart_assets_tests.models.families.tiny_parts import given_to_a_pipeline
from genart_assets_tests.models.families.tiny_sdxl import save_tiny_sdxl
from genart_assets_tests.models.tiny_controls import disc

STEPS = 6
SAMPLERS = ["model", "euler", "dpm++"]


@pytest.fixture(scope="module")
def xl(tmp_path_factory) -> str:
    folder: Path = tmp_path_factory.mktemp("sdxl") / "model"
    return str(save_tiny_sdxl(folder))


def noise_of(seeds=(1, 2)):
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


def pictures_of(side):
    return np.stack([disc(side // 3, side), 255 - disc(side // 4, side)])


@contextmanager
def own_encoding(vae):
    """Within the block the autoencoder gives its mean where diffusers would take a sample of it."""
    whole = vae.encode
    vae.encode = lambda pixels: SimpleNamespace(latents=whole(pixels).latent_dist.mean)
    try:
        yield
    finally:
        del vae.encode


def given(pictures, clean):
    """What diffusers' pipeline starts from: the same latents, where it takes some; those of the starter have 16
    channels, and it takes 4."""
    return clean if clean.shape[1] == 4 else torch.from_numpy(pictures).permute(0, 3, 1, 2) / 255


def drawn_twice(name, own_class, sampler, strength, repaint=None, **more):
    """The latents of diffusers' own pipeline and those of the loop here, from the same pictures."""
    model = load_model(name)
    side = 64 if name == "starter" else 32
    pictures = pictures_of(side)
    recipe = schedule_for(name, sampler, STEPS, (side, side))
    own = own_class.from_pipe(model.pipe)
    own.set_progress_bar_config(disable=True)
    own.scheduler = model.family.scheduler(recipe, STEPS, (side, side))
    with torch.inference_mode():
        positive = model.family.encode(model.pipe, ["red apple", "frog"])
        negative = model.family.encode(model.pipe, ["blurry"] * 2)
        clean = encode_pictures(model.family, model.pipe, pictures, 2)
        with own_encoding(model.pipe.vae):
            wanted = own(
                **given_to_a_pipeline(positive, negative), image=given(pictures, clean), generator=noise_of(),
                num_inference_steps=STEPS, strength=strength, guidance_scale=4.0, output_type="latent", **more,
            ).images  # fmt: skip
        guidance, rescale = torch.full((2,), 4.0, dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
        conditions = Conditions(positive, negative, guidance, rescale, (side, side))
        start = Start(clean, repaint, strength)
        found = denoised(model.family, model.pipe, recipe, STEPS, conditions, noise_of(), start)
    return wanted, found, clean


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("strength", [0.34, 1.0])
def test_pictures_are_redrawn_as_diffusers_own_pipeline_redraws_them(sampler, strength):
    wanted, found, clean = drawn_twice("starter", StableDiffusionImg2ImgPipeline, sampler, strength)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(found, clean, atol=1e-2)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_pictures_are_redrawn_as_diffusers_own_xl_pipeline_redraws_them(xl, sampler):
    wanted, found, _ = drawn_twice(xl, StableDiffusionXLImg2ImgPipeline, sampler, 0.5)
    assert found.equal(wanted)


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_masked_pictures_are_repainted_as_diffusers_own_xl_pipeline_repaints_them(xl, sampler, strength):
    white = torch.zeros(2, 1, 32, 32)
    white[0, :, 8:20, 4:] = 1
    white[1, :, :, :16] = 1
    repaint = white[:, :, ::2, ::2]
    wanted, found, clean = drawn_twice(
        xl, StableDiffusionXLInpaintPipeline, sampler, strength, repaint, mask_image=white, height=32, width=32
    )
    assert (found - wanted).abs().max() < 1e-5 * wanted.abs().max()
    kept = (repaint == 0).expand_as(found)
    assert torch.equal(found[kept], clean[kept])


def test_a_latent_is_repainted_where_any_pixel_of_it_is_white():
    masks = np.zeros((2, 16, 16, 3), np.uint8)
    masks[0, 15, 7] = 255
    masks[1, :, 9:] = 127
    assert latent_mask(masks, (2, 2)).tolist() == [[[[0, 0], [1, 0]]], [[[0, 0], [0, 0]]]]


def test_strength_counts_steps_as_diffusers_does():
    assert [steps_taken(20, strength) for strength in (0.04, 0.29, 0.6, 1.0)] == [0, 5, 12, 20]


def test_the_pipelines_own_scheduler_stays_as_it_is_also_after_an_error(monkeypatch):
    model = load_model("starter")
    own, timesteps = model.pipe.scheduler, model.pipe.scheduler.timesteps
    latents, states = torch.zeros(1, 16, 8, 8), {"states": torch.zeros(1, 32, 192)}
    numbers = torch.ones(1, dtype=torch.float64)
    conditions = Conditions(states, states, numbers, numbers, (64, 64))

    def failing(*_: object) -> torch.Tensor:
        raise RuntimeError("injected")

    monkeypatch.setattr(model.family, "predict", failing)
    schedule = schedule_for("starter", "model", STEPS, (64, 64))
    start = Start(latents, None, 0.5)
    with pytest.raises(RuntimeError, match="injected"):
        denoised(model.family, model.pipe, schedule, STEPS, conditions, noise_of((1,)), start)
    assert model.pipe.scheduler is own
    assert own.timesteps is timesteps
