"""The noise schedule that a brief's sampler means for a model, as the model's family makes it."""

from __future__ import annotations

from functools import cache

from genart_assets.errors import InputError
from genart_assets.models.families.installed import family_for
from genart_assets.records.brief import Sampler
from genart_assets.records.recipe import Schedule


@cache
def schedule_for(model: str, sampler_name: str, steps: int, size: tuple[int, int]) -> Schedule:
    """The noise schedule of ``steps`` steps that a sampler name means for a model and a size (width, height) in px.

    Raises:
        ModelError: as `ModelFamily.schedule`, or no family is registered for the model.
    """
    return family_for(model).schedule(model, sampler_name, steps, size)


def schedule_of(model: str, sampler: Sampler, size: tuple[int, int]) -> Schedule:
    """`schedule_for` a sampler.

    Raises:
        InputError: it does not suit the model. ModelError: as there.
    """
    for field, problem in family_for(model).sampler_problems(model, sampler):
        raise InputError(f"sampler.{field}: {problem}", remedy="correct the sampler")
    return schedule_for(model, sampler.scheduler, sampler.steps, size)
