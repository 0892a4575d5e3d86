"""Stable Diffusion 3 and 3.5 (Esser et al., 2024): a transformer, three text encoders, flow matching."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genart_assets.models.families.guidance import ClassifierFree
from genart_assets.models.families.protocol import Size, States
from genart_assets.models.families.vae import mean_of

if TYPE_CHECKING:
    import torch


class StableDiffusion3(ClassifierFree):
    """The third text encoder, T5, is left out where ``model_index.json`` has ``[null, null]`` for it and its tokenizer:
    its states are then zeros, as in diffusers.
    """

    component = "transformer"
    network_class = "SD3Transformer2DModel"

    def encode(self, pipe: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        states, _, pooled, _ = pipe.encode_prompt(
            list(texts), None, None, device=pipe.device, do_classifier_free_guidance=False
        )
        return {"states": states, "pooled": pooled}

    def latent_shape(self, pipe: Any, size: Size) -> tuple[int, int, int]:
        width, height = size
        return pipe.transformer.config.in_channels, height // pipe.vae_scale_factor, width // pipe.vae_scale_factor

    def predict(
        self,
        network: Any,
        latents: torch.Tensor,
        timesteps: torch.Tensor,
        states: States,
        size: Size,
        guidance: torch.Tensor | None = None,
    ) -> torch.Tensor:
        prediction: torch.Tensor = network(
            latents,
            timestep=timesteps,
            encoder_hidden_states=states["states"],
            pooled_projections=states["pooled"],
            return_dict=False,
        )[0]
        return prediction

    def encode_pictures(self, pipe: Any, pixels: torch.Tensor) -> torch.Tensor:
        return (mean_of(pipe.vae, pixels) - pipe.vae.config.shift_factor) * pipe.vae.config.scaling_factor

    def decode(self, pipe: Any, latents: torch.Tensor) -> torch.Tensor:
        config, latents = pipe.vae.config, latents.to(pipe.vae.dtype)
        decoded = pipe.vae.decode(latents / config.scaling_factor + config.shift_factor, return_dict=False)[0]
        return pipe.image_processor.postprocess(decoded, output_type="pt").float()
