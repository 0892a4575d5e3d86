"""Stable Diffusion XL (Podell et al., 2023): two text encoders, a pooled state, and a decoder that may need float32."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genart_assets.models.families.protocol import Encoded

if TYPE_CHECKING:
    import torch


class StableDiffusionXL:
    def encode(self, pipe: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        import torch

        states, _, pooled, _ = pipe.encode_prompt(
            list(texts), device=pipe.device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        if pipe.config.force_zeros_for_empty_prompt:
            keep = torch.tensor([text != "" for text in texts], device=states.device)
            states, pooled = states * keep[:, None, None], pooled * keep[:, None]
        return {"states": states, "pooled": pooled}

    def conditioning(self, positive: Encoded, negative: Encoded) -> dict[str, torch.Tensor]:
        return {
            "prompt_embeds": positive["states"],
            "pooled_prompt_embeds": positive["pooled"],
            "negative_prompt_embeds": negative["states"],
            "negative_pooled_prompt_embeds": negative["pooled"],
        }

    def decode(self, pipe: Any, latents: torch.Tensor) -> torch.Tensor:
        import torch

        vae = pipe.vae
        if vae.config.force_upcast and vae.dtype == torch.float16:
            vae.to(torch.float32)
        latents = latents.to(vae.dtype) / vae.config.scaling_factor
        mean, std = getattr(vae.config, "latents_mean", None), getattr(vae.config, "latents_std", None)
        if mean is not None and std is not None:
            shape = (1, -1, 1, 1)
            latents = latents * torch.tensor(std).view(shape).to(latents) + torch.tensor(mean).view(shape).to(latents)
        return pipe.image_processor.postprocess(vae.decode(latents, return_dict=False)[0], output_type="pt").float()
