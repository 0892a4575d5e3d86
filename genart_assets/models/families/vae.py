"""diffusers' autoencoders as the families use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def in_safe_precision(vae: Any) -> None:
    """An autoencoder that overflows in float16, and says so, computes in float32 from here on."""
    import torch

    if vae.dtype == torch.float16 and vae.config.get("force_upcast", False):
        vae.to(torch.float32)


def mean_of(vae: Any, pixels: torch.Tensor) -> torch.Tensor:
    """Pictures ``[n, 3, height, width]`` in −1…1 to the mean of each latent, ``float32 [n, c, h, w]``, not scaled."""
    in_safe_precision(vae)
    encoded: Any = vae.encode(pixels.to(vae.device, vae.dtype))
    means = encoded.latent_dist.mean if hasattr(encoded, "latent_dist") else encoded.latents
    return means.float()
