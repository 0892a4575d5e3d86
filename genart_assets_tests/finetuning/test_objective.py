"""The objective is the model's own: what it predicts, on the noise schedule of its scheduler."""

from __future__ import annotations

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from genart_assets.errors import ModelError
from genart_assets.finetuning.inputs import encode_data
from genart_assets.finetuning.objective import Denoiser, noise_schedule, require_known_unet
from genart_assets.models.loading import load_model
from genart_assets.models.registry import SHIPPED
from genart_assets_tests.finetuning.sets import small_data


def model_with(folder, **changes) -> str:
    """A model that is a scheduler's config: the starter's, with changes."""
    (folder / "scheduler").mkdir(parents=True)
    config = json.loads((SHIPPED["starter"] / "scheduler" / "scheduler_config.json").read_text())
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps({**config, **changes}))
    return str(folder)


def test_the_starters_schedule_ends_without_signal_and_predicts_velocity() -> None:
    schedule = noise_schedule("starter")
    assert schedule.config.prediction_type == "v_prediction"
    assert float(schedule.alphas_cumprod[-1]) == pytest.approx(0, abs=1e-9)
    own = load_model("starter").pipe.scheduler
    torch.testing.assert_close(schedule.alphas_cumprod[:-1], own.alphas_cumprod[:-1], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("prediction", ["v_prediction", "epsilon"])
def test_whoever_predicts_what_is_wanted_has_no_error(tmp_path, prediction) -> None:
    schedule = noise_schedule(model_with(tmp_path / "model", prediction_type=prediction))
    model = load_model("starter")
    encoded = encode_data(model, small_data(3))
    noise, timesteps = torch.randn(3, 16, 8, 8), torch.tensor([10, 500, 900])
    wanted = noise if prediction == "epsilon" else schedule.get_velocity(encoded.latents, noise, timesteps)

    class Perfect:
        device = torch.device("cpu")
        config = SimpleNamespace(addition_embed_type=None)

        def __call__(self, noisy, given, *, encoder_hidden_states, return_dict):
            assert encoder_hidden_states.shape == (3, 32, 192)
            torch.testing.assert_close(noisy, schedule.add_noise(encoded.latents, noise, timesteps))
            return (wanted + torch.tensor([0.0, 1.0, 2.0])[:, None, None, None],)

    errors = Denoiser(Perfect(), schedule, model.family, encoded).errors(
        encoded.latents, noise, timesteps, np.array([0, 1, 1])
    )
    torch.testing.assert_close(errors, torch.tensor([0.0, 1.0, 4.0]))


@pytest.mark.parametrize("changes", [{"prediction_type": "sample"}, {"_class_name": "FlowMatchEulerDiscreteScheduler"}])
def test_another_objective_is_refused_with_the_reason(tmp_path, changes) -> None:
    with pytest.raises(ModelError, match="cannot be fine-tuned here; known: epsilon, v_prediction"):
        noise_schedule(model_with(tmp_path / "model", **changes))


def test_a_model_without_a_scheduler_is_refused(tmp_path) -> None:
    folder = tmp_path / "model"
    model_with(folder)
    shutil.rmtree(folder / "scheduler")
    with pytest.raises(ModelError, match="has no scheduler"):
        noise_schedule(str(folder))


def test_a_denoiser_of_another_kind_is_refused() -> None:
    with pytest.raises(ModelError, match="has no UNet"):
        require_known_unet("flux", SimpleNamespace(transformer=object()))
    config = SimpleNamespace(addition_embed_type="image", class_embed_type=None)
    with pytest.raises(ModelError, match="wants image conditioning"):
        require_known_unet("kandinsky", SimpleNamespace(unet=SimpleNamespace(config=config)))
