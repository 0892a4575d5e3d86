"""A family as a studio's own package would bring it: FLUX.1 (Black Forest Labs, 2024), all of it in this file.

It is unlike what the package ships: its latents are packed, its guidance is an input of the network, which then takes
one pass, and its timesteps depend on the size of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genart_assets.models.families.protocol import Conditions, ModelFamily, Size, States
from genart_assets.models.families.schedulers import frozen_schedule
from genart_assets.models.families.sides import Sides
from genart_assets.models.families.vae import mean_of
from genart_assets.models.snapshot import component_config
from genart_assets.records.recipe import Schedule

if TYPE_CHECKING:
    import torch

NATIVE_SIDE = 128
"""In latents; the transformer's config does not say it."""


class Flux(ModelFamily):
    component = "transformer"
    network_class = "FluxTransformer2DModel"

    def encode(self, pipe: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        states, pooled, _ = pipe.encode_prompt(list(texts), device=pipe.device)
        return {"states": states, "pooled": pooled}

    def encode_pictures(self, pipe: Any, pixels: torch.Tensor) -> torch.Tensor:
        return (mean_of(pipe.vae, pixels) - pipe.vae.config.shift_factor) * pipe.vae.config.scaling_factor

    def latent_shape(self, pipe: Any, size: Size) -> tuple[int, int, int]:
        width, height = (2 * (side // (pipe.vae_scale_factor * 2)) for side in size)
        return pipe.transformer.config.in_channels // 4, height, width

    def schedule(self, model: str, sampler: str, steps: int, size: Size) -> Schedule:
        return frozen_schedule(model, sampler, lambda scheduler: self.set_timesteps(scheduler, steps, size))

    def set_timesteps(self, scheduler: Any, steps: int, size: Size, device: Any = None) -> None:
        from diffusers.pipelines.flux.pipeline_flux import calculate_shift

        config, (width, height) = scheduler.config, size
        patches = (width // 4) * (height // 4)
        shift: Any = calculate_shift(
            patches, config.base_image_seq_len, config.max_image_seq_len, config.base_shift, config.max_shift
        )
        scheduler.set_timesteps(sigmas=np.linspace(1.0, 1 / steps, steps), mu=shift, device=device)
        scheduler.set_begin_index(0)

    def predict(
        self,
        network: Any,
        latents: torch.Tensor,
        timesteps: torch.Tensor,
        states: States,
        size: Size,
        guidance: torch.Tensor | None = None,
    ) -> torch.Tensor:
        import torch

        rows, channels, height, width = latents.shape
        patches = latents.view(rows, channels, height // 2, 2, width // 2, 2).permute(0, 2, 4, 1, 3, 5)
        places = torch.zeros(height // 2, width // 2, 3).to(latents)
        places[..., 1] += torch.arange(height // 2, device=latents.device)[:, None]
        places[..., 2] += torch.arange(width // 2, device=latents.device)[None, :]
        scale = torch.ones(rows) if guidance is None else guidance.float()
        found = network(
            hidden_states=patches.reshape(rows, -1, channels * 4),
            timestep=timesteps.to(latents.dtype) / 1000,
            guidance=scale.to(latents.device) if network.config.guidance_embeds else None,
            encoder_hidden_states=states["states"],
            pooled_projections=states["pooled"],
            txt_ids=torch.zeros(states["states"].shape[1], 3).to(latents),
            img_ids=places.view(-1, 3),
            return_dict=False,
        )[0]
        unpacked = found.view(rows, height // 2, width // 2, channels, 2, 2).permute(0, 3, 1, 4, 2, 5)
        return unpacked.reshape(latents.shape)

    def denoising_step(
        self, pipe: Any, latents: torch.Tensor, timesteps: torch.Tensor, conditions: Conditions
    ) -> torch.Tensor:
        network = self.denoiser(pipe)
        return self.predict(network, latents, timesteps, conditions.positive, conditions.size, conditions.guidance)

    def decode(self, pipe: Any, latents: torch.Tensor) -> torch.Tensor:
        config, latents = pipe.vae.config, latents.to(pipe.vae.dtype)
        decoded = pipe.vae.decode(latents / config.scaling_factor + config.shift_factor, return_dict=False)[0]
        return pipe.image_processor.postprocess(decoded, output_type="pt").float()

    def sides(self, model: str) -> Sides | None:
        channels = component_config(model, "vae").get("block_out_channels")
        assert isinstance(channels, list)
        pixels = 2 ** (len(channels) - 1)
        return Sides(best=NATIVE_SIDE * pixels, step=2 * pixels)
