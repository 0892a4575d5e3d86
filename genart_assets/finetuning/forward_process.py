"""Adds noise to pictures and says what a model should predict: the process that its scheduler runs backwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from genart_assets.errors import ModelError
from genart_assets.models.schedules import is_flow_matching
from genart_assets.models.snapshot import component_config

if TYPE_CHECKING:
    import torch

PREDICTIONS = ("epsilon", "v_prediction")


class ForwardProcess(Protocol):
    """The way from a picture to noise that a model was trained on."""

    def timesteps(self, shares: npt.NDArray[np.float64]) -> torch.Tensor:
        """Timesteps ``[n]`` for numbers in 0…1, where 1 is the most noise.

        Uniform numbers give the density of timesteps that models of this kind are trained with.
        """
        ...

    def noisy(self, clean: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        """Latents ``[n, c, h, w]`` with as much noise as their timesteps have."""
        ...

    def wanted(self, clean: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        """What the model should predict for them, ``[n, c, h, w]``."""
        ...


@dataclass(frozen=True)
class Diffusion:
    """Noise or velocity prediction on a discrete schedule (Ho et al., 2020; Salimans and Ho, 2022)."""

    schedule: Any
    """diffusers' ``DDPMScheduler``."""

    def timesteps(self, shares: npt.NDArray[np.float64]) -> torch.Tensor:
        import torch

        steps = self.schedule.config.num_train_timesteps
        return torch.from_numpy((shares * steps).astype(np.int64).clip(max=steps - 1))

    def noisy(self, clean: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        return self.schedule.add_noise(clean, noise, timesteps)

    def wanted(self, clean: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        if self.schedule.config.prediction_type == "v_prediction":
            return self.schedule.get_velocity(clean, noise, timesteps)
        return noise


@dataclass(frozen=True)
class FlowMatching:
    """Straight paths from picture to noise.

    Timesteps have a logit-normal density (Esser et al., 2024, section 3.1) and the shift of the model's scheduler.
    """

    schedule: Any
    """diffusers' ``FlowMatchEulerDiscreteScheduler``; its training timesteps decrease."""

    def timesteps(self, shares: npt.NDArray[np.float64]) -> torch.Tensor:
        import torch

        levels = torch.special.expit(torch.special.ndtri(torch.from_numpy(shares)))
        steps = self.schedule.config.num_train_timesteps
        return self.schedule.timesteps[((1 - levels) * steps).long().clamp(max=steps - 1)]

    def noisy(self, clean: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        return self.schedule.scale_noise(clean, timesteps, noise)

    def wanted(self, clean: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        return noise - clean


def forward_process(model: str) -> ForwardProcess:
    """The process that a model was trained on.

    The config of its scheduler defines it: betas or shift, kind of prediction, terminal signal.

    Raises:
        ModelError: it has no scheduler, or an unknown kind of prediction.
    """
    from diffusers import DDPMScheduler, FlowMatchEulerDiscreteScheduler

    config = component_config(model, "scheduler", "scheduler_config.json")
    kind = str(config.get("_class_name", "no scheduler"))
    if is_flow_matching(config):
        return FlowMatching(FlowMatchEulerDiscreteScheduler.from_config(dict(config)))
    prediction = config.get("prediction_type", "epsilon")
    if kind == "no scheduler" or prediction not in PREDICTIONS:
        raise ModelError(
            f"model {model!r} has {kind} with {prediction} prediction, which cannot be fine-tuned; "
            f"supported: {', '.join(PREDICTIONS)}, flow matching",
            remedy="use a model of the Stable Diffusion 1, 2, XL or 3 family",
        )
    return Diffusion(DDPMScheduler.from_config(dict(config)))
