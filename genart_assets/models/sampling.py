"""Noise to latents by a schedule: the loop that is the same for every family."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from genart_assets.models.families.protocol import Conditions, ModelFamily
from genart_assets.models.starting import Start
from genart_assets.records.recipe import Schedule

if TYPE_CHECKING:
    import torch


def denoised(
    family: ModelFamily,
    pipe: Any,
    schedule: Schedule,
    steps: int,
    conditions: Conditions,
    generators: list[torch.Generator],
    start: Start | None = None,
) -> torch.Tensor:
    """Latents ``[n, c, h, w]`` of rows that go by one schedule, each from the noise of its own CPU generator.

    Raises:
        ModelError: the installed diffusers makes other timesteps of the schedule's config.
    """
    noise = family.noise(pipe, generators, conditions.size)
    scheduler = family.scheduler(schedule, steps, conditions.size, noise.device)
    begin = start.first_step(scheduler, steps) if start else 0
    timesteps: torch.Tensor = scheduler.timesteps[begin:]
    if start:
        latents = start.first_latents(scheduler, timesteps, noise)
    else:
        latents = noise * scheduler.init_noise_sigma if hasattr(scheduler, "init_noise_sigma") else noise
    arguments = _step_arguments(scheduler, generators)
    for number, timestep in enumerate(timesteps):
        scaled = scheduler.scale_model_input(latents, timestep) if hasattr(scheduler, "scale_model_input") else latents
        prediction = family.denoising_step(pipe, scaled, timestep.expand(len(latents)), conditions)
        latents = scheduler.step(prediction, timestep, latents, **arguments, return_dict=False)[0]
        if start:
            latents = start.put_back(latents, scheduler, timesteps[number + 1 :], noise)
    return latents


def _step_arguments(scheduler: Any, generators: list[torch.Generator]) -> dict[str, Any]:
    """What of diffusers' step arguments a scheduler takes: no noise beside the schedule's, and what of it there must
    be from the rows' own generators.
    """
    taken = inspect.signature(scheduler.step).parameters
    return {name: value for name, value in {"eta": 0.0, "generator": generators}.items() if name in taken}
