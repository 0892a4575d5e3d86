"""Stable Diffusion XL (Podell et al., 2023): two text encoders, a pooled state, and a decoder that may need float32."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genart_assets.models.families.protocol import Size, States
from genart_assets.models.families.unet import UNetFamily
from genart_assets.models.families.vae import in_safe_precision, mean_of

if TYPE_CHECKING:
    import torch


class StableDiffusionXL(UNetFamily):
    def encode(self, pipe: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        import torch

        states, _, pooled, _ = pipe.encode_prompt(
            list(texts), device=pipe.device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        if pipe.config.force_zeros_for_empty_prompt:
            keep = torch.tensor([text != "" for text in texts], device=states.device)
            states, pooled = states * keep[:, None, None], pooled * keep[:, None]
        return {"states": states, "pooled": pooled}

    def set_timesteps(self, scheduler: Any, steps: int, size: Size, device: Any = None) -> None:
        """As diffusers' pipeline does it: the first timestep is the first one, also where two are equal."""
        super().set_timesteps(scheduler, steps, size, device)
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(0)

    def added(self, network: Any, states: States, size: Size) -> dict[str, torch.Tensor] | None:
        """The pooled state, and size and crop: the picture's own, and none."""
        import torch

        if network.config.addition_embed_type != "text_time":
            return None
        (width, height), pooled = size, states["pooled"]
        times = torch.tensor([[height, width, 0, 0, height, width]] * len(pooled), dtype=torch.float32)
        return {"text_embeds": pooled, "time_ids": times.to(pooled)}

    def encode_pictures(self, pipe: Any, pixels: torch.Tensor) -> torch.Tensor:
        config, latents = pipe.vae.config, mean_of(pipe.vae, pixels)
        if (spread := _spread(config, latents)) is None:
            return latents * config.scaling_factor
        mean, deviation = spread
        return (latents - mean) * config.scaling_factor / deviation

    def decode(self, pipe: Any, latents: torch.Tensor) -> torch.Tensor:
        vae = pipe.vae
        in_safe_precision(vae)
        latents = latents.to(vae.dtype) / vae.config.scaling_factor
        if (spread := _spread(vae.config, latents)) is not None:
            mean, deviation = spread
            latents = latents * deviation + mean
        return pipe.image_processor.postprocess(vae.decode(latents, return_dict=False)[0], output_type="pt").float()


def _spread(config: Any, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Mean and deviation of each channel, ``[1, c, 1, 1]``, of an autoencoder whose config has them."""
    import torch

    mean, deviation = config.get("latents_mean"), config.get("latents_std")
    if mean is None or deviation is None:
        return None
    of_mean, of_deviation = (torch.tensor(numbers).view(1, -1, 1, 1).to(latents) for numbers in (mean, deviation))
    return of_mean, of_deviation
