"""Trains the starter's autoencoder: pictures of 64 px to latents of 16×8×8 and back (Rombach et al., 2022)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genart_assets.starter_training.loop import Effects, Schedule, train
from genart_assets.starter_training.renderings import Jitter, PlacedIcons, as_tensor_values

if TYPE_CHECKING:
    import torch

SCHEDULE = Schedule(steps=16000, rows=8, rate=1.5e-3, decay_from=0.2, average=0.998, seed=11)
JITTER = Jitter(turn=3.0)
VARIANTS = 8
ABSOLUTE_WEIGHT = 0.1
KL_WEIGHT = 2e-5
"""Weight of a latent's mean divergence from a standard normal: small, only to bound latents and hold them together."""


def new_autoencoder() -> Any:
    """An ``AutoencoderKL`` with 2.6 M parameters; its layers are narrow where pictures are large."""
    import torch
    from diffusers import AutoencoderKL

    torch.manual_seed(SCHEDULE.seed)
    made: Any = AutoencoderKL
    return made(
        block_out_channels=(16, 32, 64, 128),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=16,
        norm_num_groups=8,
        sample_size=64,
        mid_block_add_attention=False,
        use_quant_conv=False,
        use_post_quant_conv=False,
        force_upcast=False,
    )


def train_autoencoder(vae: Any, placed: PlacedIcons, effects: Effects) -> dict[str, float]:
    """Train on squared and absolute error, on renderings over random colours, so that no background is special."""
    import torch

    vae.to(memory_format=torch.channels_last)

    def losses_of(random: np.random.Generator) -> dict[str, torch.Tensor]:
        count = SCHEDULE.rows
        rows = random.integers(len(placed.pairs), size=count)
        colours = random.integers(256, size=(count, 3))
        pictures = placed.over(rows, random.integers(placed.variants, size=count), colours)
        wanted = torch.from_numpy(as_tensor_values(pictures)).to(vae.device, memory_format=torch.channels_last)
        latents = vae.encode(wanted).latent_dist
        noise = torch.from_numpy(random.standard_normal(latents.mean.shape, np.float32)).to(vae.device)
        made = vae.decode(latents.mean + latents.std * noise, return_dict=False)[0]
        divergence = 0.5 * (latents.mean.pow(2) + latents.var - 1 - latents.logvar).mean()
        error = made - wanted
        return {
            "squared": error.pow(2).mean(),
            "absolute": ABSOLUTE_WEIGHT * error.abs().mean(),
            "divergence": KL_WEIGHT * divergence,
        }

    return train({"vae": vae}, SCHEDULE, losses_of, effects)


def encode(vae: Any, pictures: np.ndarray) -> torch.Tensor:
    """Pictures ``uint8 [n, 64, 64, 3]`` to the means of their latents, ``float32 [n, 16, 8, 8]``, not scaled."""
    import torch

    vae.eval()
    with torch.no_grad():
        return vae.encode(torch.from_numpy(as_tensor_values(pictures)).to(vae.device)).latent_dist.mean.cpu()


def reconstruct(vae: Any, pictures: np.ndarray) -> tuple[np.ndarray, float]:
    """Pictures ``uint8 [n, 64, 64, 3]`` encoded and decoded again, and the mean squared error in [-1, 1]."""
    import torch

    latents = encode(vae, pictures)
    with torch.no_grad():
        wanted = torch.from_numpy(as_tensor_values(pictures))
        made = vae.decode(latents.to(vae.device), return_dict=False)[0].clamp(-1, 1).cpu()
    values = ((made.permute(0, 2, 3, 1) + 1) * 127.5).round().byte().numpy()
    return values, float((made - wanted).pow(2).mean())
