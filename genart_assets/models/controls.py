"""Finds the ControlNets (Zhang et al., 2023) and T2I-Adapters that briefs name, checks their fit and applies them."""

from __future__ import annotations

import inspect
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genart_assets.errors import InputError, ModelError
from genart_assets.models.registry import find_model
from genart_assets.models.snapshot import component_config, take_snapshot
from genart_assets.models.t2i_adapters import ADAPTER_CLASS, adapted, require_adapter_fit
from genart_assets.records.recipe import ModelSnapshot
from genart_assets.starter.shipped import SHIPPED_CONTROLS

if TYPE_CHECKING:
    import torch

_SHARED = ("in_channels", "block_out_channels", "layers_per_block", "cross_attention_dim", "addition_embed_type")
"""What the residuals of a ControlNet and the first half of its UNet have in common."""


def find_control(name: str, *, fetch: bool = True) -> Path:
    """The directory of a ControlNet: a shipped one by its kind, a local one, or one of a hub id with a revision.

    Raises:
        InputError: there is none of that name. ModelError: the hub does not have it.
    """
    try:
        return find_model(name, SHIPPED_CONTROLS, fetch=fetch)
    except InputError as error:
        raise InputError(
            f"there is no ControlNet {name!r}",
            remedy=f"shipped is {', '.join(SHIPPED_CONTROLS)}; give control.model a directory or org/name@revision",
        ) from error


def control_snapshot(name: str) -> ModelSnapshot:
    """The identity of a ControlNet as it is now.

    Raises:
        InputError, ModelError: as `find_control`; or a file could run code.
    """
    find_control(name)
    return take_snapshot(name, SHIPPED_CONTROLS)


def require_fit(name: str, model: str, *, fetch: bool = True) -> None:
    """Whether a ControlNet or a T2I-Adapter is of a model's family, told from the configs.

    Raises:
        ModelError: no config of a ControlNet, or one of another base; the first value that differs is named.
    """
    path = find_control(name, fetch=fetch) / "config.json"
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if config.get("_class_name") == ADAPTER_CLASS:
        require_adapter_fit(name, config, model)
        return
    if config.get("_class_name") != "ControlNetModel":
        raise ModelError(
            f"{path.parent} holds {config.get('_class_name', 'no model config')}, "
            f"not a ControlNetModel or a {ADAPTER_CLASS}",
            remedy="give a ControlNet or a T2I-Adapter in diffusers' layout; ControlNet unions are not supported",
        )
    base = component_config(model, "unet")
    for key in _SHARED:
        own, wanted = _value(config, key), _value(base, key)
        if own != wanted:
            raise ModelError(
                f"ControlNet {name!r} does not fit model {model!r}: its {key} is {own}, the model's is {wanted}",
                remedy="use a ControlNet that was trained on this model",
            )


def _value(config: dict[str, Any], key: str) -> Any:
    """What a config says, or leaves to the class's default."""
    from diffusers import UNet2DConditionModel

    default = inspect.signature(UNet2DConditionModel.__init__).parameters[key].default
    return json.loads(json.dumps(config.get(key, default)))


def load_control(name: str, unet: Any) -> Any:
    """A ControlNet or a T2I-Adapter by diffusers' own class of it, on the UNet's device and in its dtype.

    Raises:
        ModelError: its weights are damaged, are gone, or lack a tensor or have one of another shape.
    """
    import diffusers

    folder = find_control(name)
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    is_adapter = config.get("_class_name") == ADAPTER_CLASS
    loading: Any = diffusers.T2IAdapter if is_adapter else diffusers.ControlNetModel
    try:
        net = loading.from_pretrained(str(folder), dtype=unet.dtype, use_safetensors=True, local_files_only=True)
        return net.to(unet.device)  # a tensor that was not in the file has no data to move
    except (OSError, ValueError, NotImplementedError) as error:
        raise ModelError(
            f"{'T2I-Adapter' if is_adapter else 'ControlNet'} {name!r} cannot be loaded: {error}",
            remedy="give the whole directory, as diffusers saves it",
        ) from error


@contextmanager
def controlled(unet: Any, net: Any, images: torch.Tensor, scale: float) -> Generator[None]:
    """Within the block the UNet takes the ControlNet's residuals in, or the T2I-Adapter's features.

    ``images`` are ``[n, 3, height, width]``, 0…1; the UNet sees them once, or twice with classifier-free guidance. The
    same numbers as diffusers' ``StableDiffusionControlNetPipeline``, bit by bit, but for any pipeline around the UNet:
    that one has no guidance rescale, and its XL counterpart would be a third.
    """

    if type(net).__name__ == ADAPTER_CLASS:
        with adapted(unet, net, images, scale):
            yield
        return

    def add_residuals(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        sample, timestep = args
        repeats = sample.shape[0] // images.shape[0]
        down, middle = net(
            sample,
            timestep,
            encoder_hidden_states=kwargs["encoder_hidden_states"],
            controlnet_cond=images.repeat(repeats, 1, 1, 1),
            conditioning_scale=scale,
            added_cond_kwargs=kwargs.get("added_cond_kwargs"),
            return_dict=False,
        )
        return args, {**kwargs, "down_block_additional_residuals": down, "mid_block_additional_residual": middle}

    hook = unet.register_forward_pre_hook(add_residuals, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()
