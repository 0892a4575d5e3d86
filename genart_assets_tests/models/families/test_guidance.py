"""A denoising step takes timesteps, guidance and conditions row by row: a row's bits are those that it has among its
like.
"""

from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg

from genart_assets.models.families.guidance import guidance_embedding, guided, rescaled
from genart_assets.models.families.protocol import Conditions, States
from genart_assets.models.loading import LoadedModel, load_model
from genart_assets_tests.models.families.tiny_sd3 import save_tiny_sd3
from genart_assets_tests.models.families.tiny_sdxl import save_tiny_sdxl

ROWS = 4
GUIDANCE, RESCALE, TIMES = (7.3, 1.7, 4.0, 11.1), (0.0, 0.37, 0.7, 1.0), (999, 901, 433, 12)


@pytest.fixture(scope="module", params=["starter", "xl", "3"])
def model(request, tmp_path_factory) -> LoadedModel:
    folder: Path = tmp_path_factory.mktemp("models") / "model"
    save = {"xl": save_tiny_sdxl, "3": save_tiny_sd3}
    return load_model("starter" if request.param == "starter" else str(save[request.param](folder)))


def steps_of(
    model: LoadedModel, guidance: tuple[float, ...], rescale: tuple[float, ...], times: tuple[int, ...]
) -> torch.Tensor:
    """What a step gives four rows, each of its own latents and texts."""
    size = (64, 64)
    shape = model.family.latent_shape(model.pipe, size)

    def states(*texts: str) -> States:
        return model.family.encode(model.pipe, texts)

    with torch.inference_mode():
        latents = torch.randn((ROWS, *shape), generator=torch.Generator().manual_seed(0))
        conditions = Conditions(
            positive=states("red apple", "lemon", "panda", "frog"),
            negative=states("", "blurry", "", "pale"),
            guidance=torch.tensor(guidance, dtype=torch.float64),
            guidance_rescale=torch.tensor(rescale, dtype=torch.float64),
            size=size,
        )
        return model.family.denoising_step(model.pipe, latents, torch.tensor(times), conditions)


def test_a_row_beside_rows_of_other_timesteps_and_guidance_has_the_bits_that_it_has_among_its_like(model):
    mixed = steps_of(model, GUIDANCE, RESCALE, TIMES)
    assert mixed.isfinite().all()
    for row in range(ROWS):
        among_its_like = steps_of(model, *((numbers[row],) * ROWS for numbers in (GUIDANCE, RESCALE, TIMES)))
        assert mixed[row].equal(among_its_like[row])
        assert not mixed[row - 1].equal(among_its_like[row - 1])


def test_without_guidance_there_is_one_pass_and_the_negative_prompt_is_not_asked_for(model, monkeypatch):
    asked: list[int] = []
    predict = model.family.predict

    def counting(network, latents, *more):
        asked.append(len(latents))
        return predict(network, latents, *more)

    monkeypatch.setattr(model.family, "predict", counting)
    steps_of(model, (1.0,) * ROWS, (0.0,) * ROWS, TIMES)
    steps_of(model, GUIDANCE, (0.0,) * ROWS, TIMES)
    assert asked == [ROWS, 2 * ROWS]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_guidance_a_row_has_the_bits_of_diffusers_arithmetic(dtype):
    without, wanted = torch.randn(2, ROWS, 16, 8, 8, generator=torch.Generator().manual_seed(1)).to(dtype)
    for guidance, share in zip(GUIDANCE, RESCALE, strict=True):
        numbers, shares = (torch.full((ROWS,), number, dtype=torch.float64) for number in (guidance, share))
        expected = without + guidance * (wanted - without)
        found = guided(without, wanted, numbers)
        assert found.dtype is dtype
        assert found.equal(expected)
        if share:
            assert rescaled(found, wanted, shares).equal(rescale_noise_cfg(expected, wanted, share))
        else:
            assert rescaled(found, wanted, shares) is found


@pytest.mark.parametrize("width", [32, 33])
def test_guidance_as_an_input_is_embedded_as_diffusers_embeds_it(width):
    given = torch.tensor(GUIDANCE, dtype=torch.float64)
    embed = StableDiffusionPipeline.get_guidance_scale_embedding
    for row, guidance in enumerate(GUIDANCE):
        expected = embed(None, torch.tensor(guidance - 1).repeat(1), embedding_dim=width)
        assert guidance_embedding(given, width)[row : row + 1].equal(expected)
