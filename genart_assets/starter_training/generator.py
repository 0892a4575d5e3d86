"""Trains the starter's generator: a CLIP text encoder and a UNet, together, on cached latents.

It uses v-prediction (Salimans and Ho, 2022) on a schedule with zero terminal signal (Lin et al., 2023). Noisy timesteps
are more frequent: there only the caption says what to draw, and that takes longest to learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genart_assets.starter_training.captions import random_caption
from genart_assets.starter_training.latents import CachedLatents
from genart_assets.starter_training.loop import Effects, Schedule, train
from genart_assets.starter_training.tokenizer import LENGTH, TOKENS

if TYPE_CHECKING:
    import torch

SCHEDULE = Schedule(
    steps=3400, rows=96, rate=1.2e-3, muon_rate=3e-3, warm_up=100, decay_from=0.2, average=0.995, seed=31
)
NOISE_BIAS = 0.5
"""Timesteps are uniform shares of the range to this power, so that their density rises linearly with noise."""
WIDTH = 192


@dataclass(frozen=True)
class Generator:
    """The parts of the generator."""

    tokenizer: Any
    """``CLIPTokenizer``."""
    text_encoder: Any
    """``CLIPTextModel``; diffusers and transformers type their calls too loosely to be checked."""
    unet: Any
    """``UNet2DConditionModel``."""
    scheduler: Any
    """``DDIMScheduler``."""

    def to(self, device: str) -> None:
        """Move the networks to a device."""
        self.text_encoder.to(device)
        self.unet.to(device)

    def states(self, captions: list[str]) -> torch.Tensor:
        """The text encoder's last states, ``[n, 32, 192]``."""
        ids = self.tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt").input_ids.to(
            self.unet.device
        )
        return self.text_encoder(ids).last_hidden_state


def new_generator(tokenizer: Any) -> Generator:
    """An untrained generator."""
    import torch
    from diffusers import UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(SCHEDULE.seed)
    text = CLIPTextConfig(
        vocab_size=TOKENS,
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        num_hidden_layers=3,
        num_attention_heads=6,
        max_position_embeddings=LENGTH,
        projection_dim=128,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    unet_class: Any = UNet2DConditionModel
    unet = unet_class(
        sample_size=8,
        in_channels=16,
        out_channels=16,
        block_out_channels=(128, 192, 224, 224),  # down to 1×1, so that every place of a picture is seen
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=(4, 6, 7, 7),  # heads of 32 channels: diffusers takes this as the number of heads
        norm_num_groups=16,
        use_linear_projection=True,
    )
    return Generator(tokenizer, CLIPTextModel(text), unet, new_scheduler())


def new_scheduler() -> Any:
    """diffusers' ``DDIMScheduler`` with pure noise at the last timestep."""
    from diffusers import DDIMScheduler

    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        steps_offset=1,
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
    )


def train_generator(made: Generator, latents: CachedLatents, effects: Effects) -> dict[str, float]:
    """Train text encoder and UNet together; each row has its own noise and its own part of the timesteps."""
    import torch

    def losses_of(random: np.random.Generator) -> dict[str, torch.Tensor]:
        wanted, captions = draw_rows(latents, random, SCHEDULE.rows)
        clean = torch.stack(wanted)
        return {"velocity": velocity_loss(made, clean, captions, random)}

    return train({"text_encoder": made.text_encoder, "unet": made.unet}, SCHEDULE, losses_of, effects)


def draw_rows(latents: CachedLatents, random: np.random.Generator, count: int) -> tuple[list[torch.Tensor], list[str]]:
    """Latents ``[16, 8, 8]`` of random renderings, with a caption for each."""
    wanted: list[torch.Tensor] = []
    captions: list[str] = []
    pairs, variants, backgrounds = latents.values.shape[:3]
    for _ in range(count):
        row, variant, background = random.integers((pairs, variants, backgrounds))
        pair = latents.pairs[row]
        wanted.append(latents.values[row, variant, background])
        captions.append(random_caption(pair.subject, pair.style, latents.backgrounds[background], random))
    return wanted, captions


def velocity_loss(
    made: Generator,
    clean: torch.Tensor,
    captions: list[str],
    random: np.random.Generator,
    control: tuple[Any, torch.Tensor] | None = None,
) -> torch.Tensor:
    """Mean squared error of the predicted velocity; timesteps are stratified over the rows.

    ``control`` is a ControlNet and its control images ``float32 [n, 3, 64, 64]`` in 0…1.
    """
    import torch

    count = len(captions)
    steps = made.scheduler.config.num_train_timesteps
    shares = (np.arange(count) + random.random(count)) / count
    device = made.unet.device
    clean = clean.to(device)
    timesteps = torch.from_numpy((shares**NOISE_BIAS * steps).astype(np.int64).clip(max=steps - 1)).to(device)
    noise = torch.from_numpy(random.standard_normal(clean.shape, np.float32)).to(device)
    noisy = made.scheduler.add_noise(clean, noise, timesteps)
    velocity = made.scheduler.get_velocity(clean, noise, timesteps)
    states = made.states(captions)
    added: dict[str, Any] = {}
    if control is not None:
        down, mid = control[0](noisy, timesteps, states, control[1].to(device), return_dict=False)
        added = {"down_block_additional_residuals": down, "mid_block_additional_residual": mid}
    found = made.unet(noisy, timesteps, states, return_dict=False, **added)[0]
    return (found - velocity).pow(2).mean()
