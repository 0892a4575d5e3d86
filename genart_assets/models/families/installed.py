"""The model families that packages have registered, found by a pipeline's class or by a model's name."""

from __future__ import annotations

from typing import Any

from genart_assets.errors import ModelError
from genart_assets.models.families.protocol import ModelFamily
from genart_assets.models.snapshot import component_config
from genart_assets.plugins import ExtensionPoint

_NAMED = ("component", "network_class")


def family_problem(name: str, found: Any) -> str:
    """What is wrong with the class that is registered for a pipeline; empty if nothing is."""
    if not (isinstance(found, type) and issubclass(found, ModelFamily)):
        return "it is not a ModelFamily; derive the class from genart_assets.extend.ModelFamily"
    missing = sorted({*found.__abstractmethods__, *(named for named in _NAMED if not hasattr(found, named))})
    return f"it lacks {', '.join(missing)}" if missing else ""


FAMILIES = ExtensionPoint[type[ModelFamily]](
    "genart_assets.model_families", "model family", family_problem, named=False
)
"""Model families, each under its pipeline's class name in diffusers."""


def family_of(pipeline_class: str) -> ModelFamily:
    """The family registered for a diffusers pipeline class.

    Raises:
        ModelError: no package has registered that class.
        GenartError: what is registered cannot be loaded, or is not a whole `ModelFamily`.
    """
    if pipeline_class not in (known := FAMILIES.names()):
        raise ModelError(
            f"no model family is registered for {pipeline_class}",
            remedy=f"use a model of {', '.join(known)}, or register a family as docs/extend shows",
        )
    return FAMILIES.find(pipeline_class)(pipeline_class)


def family_for(model: str) -> ModelFamily:
    """The family of a model, by its own ``model_index.json``.

    Raises:
        InputError: no such model. ModelError: it is not in diffusers' layout, or of no registered family.
    """
    pipeline_class = component_config(model, ".", "model_index.json").get("_class_name")
    if not isinstance(pipeline_class, str):
        raise ModelError(
            f"model {model!r} has no model_index.json that names a pipeline",
            remedy="give a directory in diffusers' layout",
        )
    return family_of(pipeline_class)
