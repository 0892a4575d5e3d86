"""Stable Diffusion 1 and 2 (Rombach et al., 2022), and whatever shares its pipeline: the starter model does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genart_assets.models.families.protocol import Encoded

if TYPE_CHECKING:
    import torch


class StableDiffusion:
    def encode(self, pipe: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        states, _ = pipe.encode_prompt(list(texts), pipe.device, 1, False)
        return {"states": states}

    def conditioning(self, positive: Encoded, negative: Encoded) -> dict[str, torch.Tensor]:
        return {"prompt_embeds": positive["states"], "negative_prompt_embeds": negative["states"]}

    def decode(self, pipe: Any, latents: torch.Tensor) -> torch.Tensor:
        decoded = pipe.vae.decode(latents / pipe.vae.config.scaling_factor, return_dict=False)[0]
        return pipe.image_processor.postprocess(decoded, output_type="pt").float()
