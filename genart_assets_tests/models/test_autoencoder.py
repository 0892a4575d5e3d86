"""Encoded pictures are what the model's own decoder takes back, and no neighbour changes them."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from genart_assets.models.autoencoder import encode_pictures
from genart_assets.models.loading import load_model
from genart_assets_tests.models.tiny_controls import disc

PICTURES = np.stack([disc(radius) for radius in (5, 10, 15, 20, 25)])


def test_a_decoded_encoding_is_the_picture():
    model = load_model("starter")
    latents = encode_pictures(model.pipe.vae, PICTURES, 4)
    assert latents.shape == (5, 16, 8, 8)
    with torch.inference_mode():
        decoded = model.family.decode(model.pipe, latents).permute(0, 2, 3, 1).numpy()
    assert np.square(decoded - PICTURES / 255).mean() < 0.005


def test_an_encoding_does_not_depend_on_its_neighbours():
    vae = load_model("starter").pipe.vae
    together = encode_pictures(vae, PICTURES, 4)
    for row in (0, 3, 4):
        assert encode_pictures(vae, PICTURES[row : row + 1], 4)[0].equal(together[row])
    assert encode_pictures(vae, PICTURES[::-1], 4).flip(0).equal(together)


@pytest.mark.parametrize(
    ("config", "scaled"),
    [
        ({"scaling_factor": 2.0}, [2.0, 4.0]),
        ({"scaling_factor": 2.0, "shift_factor": 0.5}, [1.0, 3.0]),
        ({"scaling_factor": 2.0, "latents_mean": [1.0, 1.0], "latents_std": [1.0, 4.0]}, [0.0, 0.5]),
    ],
)
def test_latents_are_scaled_as_the_config_says(config, scaled):
    latents = torch.tensor([1.0, 2.0]).view(1, 2, 1, 1)
    vae = SimpleNamespace(
        dtype=torch.float32,
        device="cpu",
        config=SimpleNamespace(**config),
        encode=lambda pixels: SimpleNamespace(latents=latents),
    )
    assert encode_pictures(vae, PICTURES[:1], 1).flatten().tolist() == scaled
