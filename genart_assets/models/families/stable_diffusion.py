"""Stable Diffusion 1 and 2 (Rombach et al., 2022), and whatever shares its pipeline: the starter model does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genart_assets.models.families.unet import UNetFamily
from genart_assets.models.families.vae import mean_of

if TYPE_CHECKING:
    import torch


class StableDiffusion(UNetFamily):
    def encode(self, pipe: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        states, _ = pipe.encode_prompt(list(texts), pipe.device, 1, False)
        return {"states": states}

    def encode_pictures(self, pipe: Any, pixels: torch.Tensor) -> torch.Tensor:
        return mean_of(pipe.vae, pixels) * pipe.vae.config.scaling_factor

    def decode(self, pipe: Any, latents: torch.Tensor) -> torch.Tensor:
        latents = latents.to(pipe.vae.dtype) / pipe.vae.config.scaling_factor
        decoded = pipe.vae.decode(latents, return_dict=False)[0]
        return pipe.image_processor.postprocess(decoded, output_type="pt").float()
