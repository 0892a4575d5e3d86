"""diffusers' schedulers: from a model's own config to a schedule that a recipe freezes, and back to a scheduler."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from genart_assets.errors import InputError, ModelError
from genart_assets.models.snapshot import component_config
from genart_assets.records.brief import Sampler
from genart_assets.records.recipe import Schedule

if TYPE_CHECKING:
    from diffusers.schedulers.scheduling_utils import SchedulerMixin

SCHEDULERS = {
    "ddim": "DDIMScheduler",
    "euler": "EulerDiscreteScheduler",
    "dpm++": "DPMSolverMultistepScheduler",
    "unipc": "UniPCMultistepScheduler",
}
"""diffusers' classes: DDIM (Song et al., 2021), Euler (Karras et al., 2022), DPM-Solver++ 2M (Lu et al., 2022), UniPC
(Zhao et al., 2023)."""
SetTimesteps = Callable[[Any], None]
"""Gives a scheduler its timesteps."""


def is_flow_matching(config: Mapping[str, Any]) -> bool:
    """Whether a scheduler's config is of a model that was trained by flow matching (Lipman et al., 2023)."""
    return config.get("_class_name") == "FlowMatchEulerDiscreteScheduler"


def scheduler_config(model: str) -> Mapping[str, Any]:
    """The config of a model's own scheduler; empty where it has none in diffusers' layout."""
    return component_config(model, "scheduler", "scheduler_config.json")


def problems_by_config(model: str, sampler: Sampler) -> list[tuple[str, str]]:
    """Field of the sampler, and problem, of all that does not suit a model's own scheduler.

    A flow-matching model is sampled by its own scheduler, and diffusers' pipelines rescale no guidance for it.
    """
    if not is_flow_matching(scheduler_config(model)):
        return []
    problems: list[tuple[str, str]] = []
    if sampler.scheduler != "model":
        text = f"model {model!r} is a flow-matching one, which {sampler.scheduler!r} does not sample; use 'model'"
        problems.append(("scheduler", text))
    if sampler.guidance_rescale:
        problems.append(("guidance_rescale", f"model {model!r} has none; remove the key"))
    return problems


def frozen_schedule(model: str, sampler: str, set_timesteps: SetTimesteps) -> Schedule:
    """The noise schedule that a sampler's name means for a model.

    The model's own scheduler config stays (betas, prediction type, zero terminal SNR); the class changes.

    Raises:
        ModelError: the model has no scheduler config, or one that adds noise of no recipe's seed.
    """
    base = scheduler_config(model)
    if "_class_name" not in base:
        raise ModelError(
            f"model {model!r} has no scheduler/scheduler_config.json", remedy="give a directory in diffusers' layout"
        )
    if base.get("stochastic_sampling"):
        raise ModelError(
            f"model {model!r} adds noise while it samples, which no seed of a recipe determines",
            remedy="set stochastic_sampling to false in its scheduler_config.json",
        )
    scheduler_class = str(base["_class_name"]) if sampler == "model" else SCHEDULERS[sampler]
    scheduler = _build(scheduler_class, base)
    set_timesteps(scheduler)
    config = {key: _as_json(value) for key, value in scheduler.config.items() if not key.startswith("_")}
    return Schedule(scheduler=scheduler_class, config=config, timesteps=tuple(float(t) for t in scheduler.timesteps))


def refuse_shift_by_size(model: str) -> None:
    """Refuse a model whose timesteps depend on the size of the picture.

    Raises:
        ModelError: they do.
    """
    if scheduler_config(model).get("use_dynamic_shifting"):
        raise ModelError(
            f"model {model!r} shifts its timesteps with the image size", remedy="use a model with a fixed schedule"
        )


def scheduler_following(schedule: Schedule, set_timesteps: SetTimesteps) -> SchedulerMixin:
    """The diffusers scheduler that follows a recipe's schedule, at its beginning.

    Raises:
        ModelError: the installed diffusers makes other timesteps of the same config.
    """
    scheduler = _build(schedule.scheduler, dict(schedule.config))
    set_timesteps(scheduler)
    made = tuple(float(t) for t in scheduler.timesteps)
    if made != schedule.timesteps:
        raise ModelError(
            f"{schedule.scheduler} makes the timesteps {made[:3]}… of {len(made)}, "
            f"the recipe has {schedule.timesteps[:3]}… of {len(schedule.timesteps)}",
            remedy="render with the diffusers release that the recipe was planned with",
        )
    return scheduler


def _build(scheduler_class: str, config: Mapping[str, Any]) -> Any:
    import diffusers
    from diffusers.schedulers.scheduling_utils import SchedulerMixin

    found = getattr(diffusers, scheduler_class, None)
    if not (isinstance(found, type) and issubclass(found, SchedulerMixin)):
        raise InputError(
            f"diffusers has no scheduler {scheduler_class!r}", remedy=f"use one of {', '.join(SCHEDULERS)}"
        )
    return cast(Any, found).from_config({key: _from_json(value) for key, value in config.items()})


def _as_json(value: Any) -> Any:
    """JSON has no infinity (DPM++ has one in ``lambda_min_clipped``): it is written as the text ``-inf`` or ``inf``."""
    return str(value) if isinstance(value, float) and math.isinf(value) else value


def _from_json(value: Any) -> Any:
    return float(value) if value in ("inf", "-inf") else value
