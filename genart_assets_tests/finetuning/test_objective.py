"""The objective is the model's own: the error of what it predicts, told what its kind is told."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import SD3Transformer2DModel, UNet2DConditionModel

from genart_assets.errors import ModelError
from genart_assets.finetuning.inputs import encode_data
from genart_assets.finetuning.objective import Denoiser
from genart_assets.models.families.forward_process import forward_process_by_config
from genart_assets.models.families.installed import family_for
from genart_assets.models.loading import load_model
from genart_assets.models.snapshot import component_config
from genart_assets_tests.finetuning.schedules import model_with
from genart_assets_tests.finetuning.sets import small_data
from genart_assets_tests.models.families.tiny_sd3 import save_tiny_sd3

NOISE, LEVELS = torch.randn(3, 16, 8, 8), np.array([0.01, 0.5, 0.9])
OFF = torch.tensor([0.0, 1.0, 2.0])[:, None, None, None]


def saying(kind: type, prediction: torch.Tensor, told: dict) -> object:
    """A denoiser of diffusers' class that predicts what it is given, and keeps what it is told."""

    class Saying(kind):
        device = torch.device("cpu")
        config = SimpleNamespace(addition_embed_type=None)

        def __init__(self) -> None:
            torch.nn.Module.__init__(self)

        def forward(self, noisy, timestep, **arguments):
            told.update(arguments, noisy=noisy, timestep=timestep)
            return (prediction,)

    Saying.__name__ = kind.__name__
    return Saying()


@pytest.mark.parametrize("prediction", ["v_prediction", "epsilon"])
def test_whoever_predicts_what_is_wanted_has_no_error(tmp_path, prediction) -> None:
    process = forward_process_by_config(model_with(tmp_path / "model", prediction_type=prediction))
    model, told = load_model("starter"), dict[str, torch.Tensor]()
    encoded = encode_data(model, small_data(3))
    timesteps = process.timesteps(LEVELS)
    schedule = process.schedule
    wanted = NOISE if prediction == "epsilon" else schedule.get_velocity(encoded.latents, NOISE, timesteps)
    denoiser = Denoiser(saying(UNet2DConditionModel, wanted + OFF, told), process, model.family, encoded)
    errors = denoiser.errors(encoded.latents, NOISE, timesteps, np.array([0, 1, 1]))
    torch.testing.assert_close(errors, torch.tensor([0.0, 1.0, 4.0]))
    torch.testing.assert_close(told["noisy"], schedule.add_noise(encoded.latents, NOISE, timesteps))
    assert told["encoder_hidden_states"].shape == (3, 32, 192)
    assert told["timestep"].equal(timesteps)
    assert told.keys() == {"noisy", "timestep", "encoder_hidden_states", "return_dict"}


def test_a_transformer_learns_the_way_from_picture_to_noise_and_is_told_the_pooled_states(tmp_path) -> None:
    model, told = load_model(str(save_tiny_sd3(tmp_path / "sd3"))), dict[str, torch.Tensor]()
    encoded = encode_data(model, small_data(3))
    process = model.family.forward_process(model.snapshot.name)
    timesteps = process.timesteps(LEVELS)
    noise = torch.randn(encoded.latents.shape)
    said = saying(SD3Transformer2DModel, noise - encoded.latents + OFF, told)
    errors = Denoiser(said, process, model.family, encoded).errors(
        encoded.latents, noise, timesteps, np.array([0, 1, 1])
    )
    torch.testing.assert_close(errors, torch.tensor([0.0, 1.0, 4.0]))
    assert told["pooled_projections"].shape == (3, 64)
    assert told["encoder_hidden_states"].shape == (3, 288, 64)
    sigmas = timesteps[:, None, None, None] / 1000
    torch.testing.assert_close(told["noisy"], (1 - sigmas) * encoded.latents + sigmas * noise)


def with_denoiser(folder: Path, component: str, **changes: Any) -> str:
    """The name of a model that is a pipeline's index and a denoiser's config, the starter's with changes."""
    (folder / component).mkdir(parents=True)
    kind = "StableDiffusion3Pipeline" if component == "transformer" else "StableDiffusionPipeline"
    (folder / "model_index.json").write_text(json.dumps({"_class_name": kind}))
    config = {**component_config("starter", "unet"), **changes}
    (folder / component / "config.json").write_text(json.dumps(config))
    return str(folder)


def test_a_denoiser_of_another_kind_is_refused(tmp_path) -> None:
    flux = with_denoiser(tmp_path / "flux", "transformer", _class_name="Linear")
    with pytest.raises(ModelError, match="has Linear, which LoRAs cannot steer here"):
        family_for(flux).require_trainable(flux)
    kandinsky = with_denoiser(tmp_path / "kandinsky", "unet", addition_embed_type="image")
    with pytest.raises(ModelError, match="wants image conditioning"):
        family_for(kandinsky).require_trainable(kandinsky)
    family_for("starter").require_trainable("starter")
