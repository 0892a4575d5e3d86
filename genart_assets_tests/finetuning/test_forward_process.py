"""The process is the model's own: its scheduler's noise levels, and what the model predicts."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler

from genart_assets.errors import ModelError
from genart_assets.finetuning.forward_process import Diffusion, FlowMatching, forward_process
from genart_assets.models.loading import load_model
from genart_assets_tests.finetuning.schedules import model_with

SHARES = (np.arange(1000) + 0.5) / 1000


def flow_model(folder) -> str:
    FlowMatchEulerDiscreteScheduler(shift=3.0).save_pretrained(folder / "scheduler")
    return str(folder)


def test_the_starters_schedule_ends_without_signal_and_predicts_velocity() -> None:
    process = forward_process("starter")
    assert isinstance(process, Diffusion)
    assert process.schedule.config.prediction_type == "v_prediction"
    assert float(process.schedule.alphas_cumprod[-1]) == pytest.approx(0, abs=1e-9)
    own = load_model("starter").pipe.scheduler
    torch.testing.assert_close(process.schedule.alphas_cumprod[:-1], own.alphas_cumprod[:-1], rtol=1e-4, atol=1e-7)


def test_diffusions_timesteps_are_uniform() -> None:
    timesteps = forward_process("starter").timesteps(np.append(SHARES, 1.0))
    assert timesteps.tolist() == [*range(1000), 999]


def test_flow_timesteps_follow_the_logit_normal_and_the_models_shift(tmp_path) -> None:
    process = forward_process(flow_model(tmp_path / "flow"))
    assert isinstance(process, FlowMatching)
    shifted = process.timesteps(SHARES) / 1000
    levels = shifted / (3 - 2 * shifted)  # takes the shift of 3 back
    logits = torch.special.logit(levels.double())
    assert (levels.diff() >= 0).all()
    assert float(logits.mean()) == pytest.approx(0, abs=0.02)
    assert float(logits.std()) == pytest.approx(1, abs=0.02)
    assert process.timesteps(np.array([0.0, 1.0])).tolist() == pytest.approx([2.994, 1000], rel=1e-3)


def test_a_sampler_follows_what_flow_matching_wants_back_to_the_picture(tmp_path) -> None:
    """One Euler step of the model's own scheduler from any noise level, with the wanted prediction, is the picture."""
    process = forward_process(flow_model(tmp_path / "flow"))
    clean, noise = torch.randn(3, 4, 8, 8), torch.randn(3, 4, 8, 8)
    timesteps = process.timesteps(np.array([0.2, 0.6, 1.0]))
    noisy, wanted = process.noisy(clean, noise, timesteps), process.wanted(clean, noise, timesteps)
    torch.testing.assert_close(noisy[2], noise[2])
    for row, timestep in enumerate(timesteps):
        sampler = FlowMatchEulerDiscreteScheduler()
        sampler.set_timesteps(sigmas=[float(timestep) / 1000])
        back = sampler.step(wanted[row], sampler.timesteps[0], noisy[row]).prev_sample
        torch.testing.assert_close(back, clean[row], rtol=1e-4, atol=1e-5)


def test_another_prediction_is_refused_with_the_reason(tmp_path) -> None:
    with pytest.raises(ModelError, match="cannot be fine-tuned; supported: epsilon, v_prediction, flow matching"):
        forward_process(model_with(tmp_path / "model", prediction_type="sample"))


def test_a_model_without_a_scheduler_is_refused(tmp_path) -> None:
    folder = tmp_path / "model"
    model_with(folder)
    shutil.rmtree(folder / "scheduler")
    with pytest.raises(ModelError, match="has no scheduler"):
        forward_process(str(folder))
