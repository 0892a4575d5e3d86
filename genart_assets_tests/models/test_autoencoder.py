"""Encoded pictures are what the model's own decoder takes back, and no neighbour changes them."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers.configuration_utils import FrozenDict

from genart_assets.models.autoencoder import encode_pictures
from genart_assets.models.families.installed import family_of
from genart_assets.models.loading import load_model
from genart_assets_tests.models.tiny_controls import disc

PICTURES = np.stack([disc(radius) for radius in (5, 10, 15, 20, 25)])


def test_a_decoded_encoding_is_the_picture():
    model = load_model("starter")
    latents = encode_pictures(model.family, model.pipe, PICTURES, 4)
    assert latents.shape == (5, 16, 8, 8)
    with torch.inference_mode():
        decoded = model.family.decode(model.pipe, latents).permute(0, 2, 3, 1).numpy()
    assert np.square(decoded - PICTURES / 255).mean() < 0.005


def test_an_encoding_does_not_depend_on_its_neighbours():
    model = load_model("starter")
    family, pipe = model.family, model.pipe
    together = encode_pictures(family, pipe, PICTURES, 4)
    for row in (0, 3, 4):
        assert encode_pictures(family, pipe, PICTURES[row : row + 1], 4)[0].equal(together[row])
    assert encode_pictures(family, pipe, PICTURES[::-1], 4).flip(0).equal(together)


@pytest.mark.parametrize(
    ("pipeline", "config", "scaled"),
    [
        ("StableDiffusionPipeline", {"scaling_factor": 2.0}, [2.0, 4.0]),
        ("StableDiffusionXLPipeline", {"scaling_factor": 2.0}, [2.0, 4.0]),
        ("StableDiffusion3Pipeline", {"scaling_factor": 2.0, "shift_factor": 0.5}, [1.0, 3.0]),
        (
            "StableDiffusionXLPipeline",
            {"scaling_factor": 2.0, "latents_mean": [1.0, 1.0], "latents_std": [1.0, 4.0]},
            [0.0, 0.5],
        ),
    ],
)
def test_latents_are_scaled_as_the_config_says(pipeline, config, scaled):
    latents = torch.tensor([1.0, 2.0]).view(1, 2, 1, 1)
    vae = SimpleNamespace(
        dtype=torch.float32,
        device="cpu",
        config=FrozenDict(config),
        encode=lambda pixels: SimpleNamespace(latents=latents),
    )
    pipe = SimpleNamespace(vae=vae, device="cpu")
    assert encode_pictures(family_of(pipeline), pipe, PICTURES[:1], 1).flatten().tolist() == scaled
