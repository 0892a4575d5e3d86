"""Pictures to latents: the mean of what a model's own autoencoder makes of them, in one fixed micro-batch shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genart_assets.models.microbatch import chunks, pad_tensor

if TYPE_CHECKING:
    import torch


def encode_pictures(vae: Any, pictures: npt.NDArray[np.uint8], rows: int) -> torch.Tensor:
    """sRGB ``uint8 [n, height, width, 3]`` to latents ``float32 [n, c, h, w]`` on the CPU, scaled as the UNet expects.

    The mean of each latent, not a sample of it: a picture has one encoding.
    """
    import torch

    if vae.dtype == torch.float16 and getattr(vae.config, "force_upcast", False):
        vae.to(torch.float32)
    found: list[torch.Tensor] = []
    for some in chunks(range(len(pictures)), rows):
        # Contiguous: torch chooses kernels by the layout, and a full micro-batch would have another than a padded one.
        chosen = np.ascontiguousarray(pictures[some[0] : some[-1] + 1].transpose(0, 3, 1, 2))
        with torch.no_grad():  # not inference mode: in a fine-tune the latents enter a graph
            encoded: Any = vae.encode(pad_tensor(torch.from_numpy(chosen) / 127.5 - 1, rows).to(vae.device, vae.dtype))
        means = encoded.latent_dist.mean if hasattr(encoded, "latent_dist") else encoded.latents
        found.append(_scaled(vae.config, means[: len(some)].float()).cpu())
    return torch.cat(found) if found else torch.zeros(0, 1, 1, 1)


def _scaled(config: Any, latents: torch.Tensor) -> torch.Tensor:
    """As a pipeline's decoder takes it back: some models have a mean and a deviation for each channel."""
    mean, std = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
    if mean is not None and std is not None:
        shape = (1, -1, 1, 1)
        shift, spread = (latents.new_tensor(numbers).view(shape) for numbers in (mean, std))
        return (latents - shift) * config.scaling_factor / spread
    return (latents - (getattr(config, "shift_factor", None) or 0.0)) * config.scaling_factor
