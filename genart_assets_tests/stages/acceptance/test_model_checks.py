"""What a model cannot do of a brief is told from its configs, before any weight is loaded."""

import json
import shutil

import pytest

from genart_assets.records.brief import Brief, StartUse
from genart_assets.stages.acceptance.model_checks import check_model
from genart_assets.starter.shipped import SHIPPED

START = StartUse(image="a.png")


@pytest.mark.parametrize(
    ("component", "channels", "says"),
    [
        (
            "unet",
            {"in_channels": 33},
            "a UNet of 33 channels, which is trained for inpainting alone; use the plain model",
        ),
        ("unet", {"in_channels": 20}, "a UNet of 20 channels, and its autoencoder makes 16"),
        ("vae", {"latent_channels": None}, "no UNet, or no autoencoder for pictures"),
    ],
)
def test_a_start_picture_needs_a_unet_that_takes_the_autoencoders_latents(tmp_path, component, channels, says):
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED["starter"], folder)
    config = folder / component / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | channels))
    brief = Brief(brief="a", prompt="b", model=str(folder), start=START)
    assert says in dict(check_model(brief))["start"]
    assert not check_model(brief.model_copy(update={"start": None}))


def test_the_starter_takes_a_start_picture():
    assert not check_model(Brief(brief="a", prompt="b", start=START))
