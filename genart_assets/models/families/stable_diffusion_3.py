"""Stable Diffusion 3 and 3.5 (Esser et al., 2024): a transformer, three text encoders, flow matching."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genart_assets.models.families.stable_diffusion_xl import StableDiffusionXL

if TYPE_CHECKING:
    import torch


class StableDiffusion3(StableDiffusionXL):
    """Prompts are given as to XL. The third text encoder, T5, is left out where ``model_index.json`` has
    ``[null, null]`` for it and its tokenizer: its states are then zeros, as in diffusers.
    """

    def encode(self, pipe: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        states, _, pooled, _ = pipe.encode_prompt(
            list(texts), None, None, device=pipe.device, do_classifier_free_guidance=False
        )
        return {"states": states, "pooled": pooled}

    def decode(self, pipe: Any, latents: torch.Tensor) -> torch.Tensor:
        config = pipe.vae.config
        decoded = pipe.vae.decode(latents / config.scaling_factor + config.shift_factor, return_dict=False)[0]
        return pipe.image_processor.postprocess(decoded, output_type="pt").float()
