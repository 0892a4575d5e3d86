"""T2I-Adapters (Mou et al., 2024): whether one fits a UNet, and how its features act on it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from genart_assets.errors import ModelError
from genart_assets.models.snapshot import component_config

if TYPE_CHECKING:
    import torch

ADAPTER_CLASS = "T2IAdapter"
Feature = tuple[int, int]
"""Channels, and pixels of the control image a side of one position."""


def require_adapter_fit(name: str, config: Mapping[str, Any], model: str) -> None:
    """Whether a T2I-Adapter's features are what a model's UNet takes in, told from the configs.

    Raises:
        ModelError: one has other channels or another size; the first is named.
    """
    unet, vae = component_config(model, "unet"), component_config(model, "vae")
    wanted, given = taken_in(unet, vae), features_of(config)
    if int(config.get("in_channels", 3)) not in (1, 3) or not given or len(given) > len(wanted):
        raise _misfit(name, model, f"it takes {config.get('in_channels')} channels in and has {len(given)} features")
    for number, (own, of_unet) in enumerate(zip(given, wanted, strict=False)):
        if own != of_unet:
            shapes = [f"{channels} channels at 1/{pixels} of the size" for channels, pixels in (own, of_unet)]
            raise _misfit(name, model, f"its feature {number} has {shapes[0]}, the model takes {shapes[1]}")


def features_of(config: Mapping[str, Any]) -> list[Feature]:
    """The features of an adapter, in order, by diffusers' ``T2IAdapter`` config."""
    channels, pixels = list(config.get("channels", (320, 640, 1280, 1280))), int(config.get("downscale_factor", 8))
    if config.get("adapter_type", "full_adapter") == "full_adapter_xl":
        return [(count, pixels * (1 if place < 2 else 2)) for place, count in enumerate(channels)]
    return [(count, pixels * 2**place) for place, count in enumerate(channels)]


def taken_in(unet: Mapping[str, Any], vae: Mapping[str, Any]) -> list[Feature]:
    """What diffusers' UNet adds features to: every down block, and the middle one if its shape is the feature's."""
    pixels = 2 ** (len(vae.get("block_out_channels", (0,) * 4)) - 1)
    channels, kinds = list(unet.get("block_out_channels", ())), list(unet.get("down_block_types", ()))
    found: list[Feature] = []
    for place, (count, kind) in enumerate(zip(channels, kinds, strict=True)):
        is_last = place + 1 == len(channels)
        halves = not is_last and "CrossAttn" not in kind  # one with attention adds before it halves
        found.append((count, pixels * 2 ** (place + halves)))
    return [*found, (channels[-1], pixels * 2 ** (len(channels) - 1))] if channels else []


@contextmanager
def adapted(unet: Any, adapter: Any, images: torch.Tensor, scale: float) -> Generator[None]:
    """Within the block the UNet takes the adapter's features in.

    ``images`` are ``[n, 3, height, width]``, 0…1; one channel of them goes into an adapter for grey images. The same
    numbers as diffusers' ``StableDiffusionAdapterPipeline``, for any pipeline around the UNet.
    """
    import torch

    with torch.no_grad():
        features = [feature * scale for feature in adapter(images[:, : adapter.config.in_channels])]

    def add_features(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        repeats = args[0].shape[0] // images.shape[0]
        repeated = [feature.repeat(repeats, 1, 1, 1) for feature in features]
        return args, {**kwargs, "down_intrablock_additional_residuals": repeated}

    hook = unet.register_forward_pre_hook(add_features, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()


def _misfit(name: str, model: str, why: str) -> ModelError:
    return ModelError(
        f"T2I-Adapter {name!r} does not fit model {model!r}: {why}",
        remedy="use an adapter that was trained on this model",
    )
