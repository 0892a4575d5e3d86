"""The network of a pipeline that takes noise away: a UNet or a transformer. It is what LoRAs steer and fine-tunes
learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genart_assets.errors import ModelError
from genart_assets.models.snapshot import component_config

DENOISERS = {"UNet2DConditionModel": "unet", "SD3Transformer2DModel": "transformer"}
"""diffusers' class of each kind that is known here, to the component's name in a pipeline and in a LoRA's file."""


def denoiser_of(pipe: Any) -> Any:
    """The denoiser of a loaded pipeline."""
    return pipe.unet if hasattr(pipe, "unet") else pipe.transformer


def config_of(denoiser: Any) -> Mapping[str, Any]:
    """The config of a loaded denoiser, as its file tells it."""
    return {**denoiser.config, "_class_name": type(denoiser).__name__}


def denoiser_config(model: str) -> Mapping[str, Any]:
    """The config of a model's denoiser, read without loading weights; empty where it has none in diffusers' layout."""
    return component_config(model, "unet") or component_config(model, "transformer")


def component_of(denoiser: Any) -> str:
    """``unet`` or ``transformer``."""
    return DENOISERS[type(denoiser).__name__]


def class_of(config: Mapping[str, Any]) -> Any:
    """diffusers' class of a denoiser, by its config."""
    import diffusers

    return getattr(diffusers, str(config["_class_name"]))


def require_denoiser(model: str, kind: str | None) -> None:
    """Whether a model's denoiser is of a class that LoRAs can steer here.

    Raises:
        ModelError: it is not.
    """
    if kind not in DENOISERS:
        raise ModelError(
            f"model {model!r} has {kind or 'no denoiser'}, which LoRAs cannot steer here",
            remedy="remove the key, or take a model of the Stable Diffusion 1, 2, XL or 3 family",
        )


def require_unet(model: str, kind: str | None) -> None:
    """Whether a model's denoiser is a UNet, which ControlNets and T2I-Adapters here are for.

    Raises:
        ModelError: it is not.
    """
    if kind != "UNet2DConditionModel":
        raise ModelError(
            f"model {model!r} has no UNet that a ControlNet or a T2I-Adapter could steer",
            remedy="remove the key, or take a model of the Stable Diffusion 1, 2 or XL family",
        )
