"""The model families that packages have registered, found by a pipeline's class or by a model's name."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from genart_assets.errors import ModelError
from genart_assets.models.families.protocol import ModelFamily
from genart_assets.models.snapshot import component_config

GROUP = "genart_assets.model_families"
_NAMED = ("component", "network_class")


def family_of(pipeline_class: str) -> ModelFamily:
    """The family registered for a diffusers pipeline class.

    Raises:
        ModelError: no package has registered that class, or what is registered is not a whole `ModelFamily`.
    """
    known = {entry.name: entry for entry in entry_points(group=GROUP)}
    if pipeline_class not in known:
        raise ModelError(
            f"no model family is registered for {pipeline_class}",
            remedy=f"use a model of {', '.join(sorted(known))}, or register a family (README: how to add a model)",
        )
    kind: Any = known[pipeline_class].load()
    what = f"{known[pipeline_class].value}, which is registered for {pipeline_class},"
    if not (isinstance(kind, type) and issubclass(kind, ModelFamily)):
        raise ModelError(
            f"{what} is not a ModelFamily", remedy="derive the class from genart_assets.models.families.protocol's"
        )
    missing = sorted({*kind.__abstractmethods__, *(name for name in _NAMED if not hasattr(kind, name))})
    if missing:
        raise ModelError(f"{what} lacks {', '.join(missing)}", remedy="write what ModelFamily asks for")
    return kind(pipeline_class)


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
