"""Trains the starter's style LoRA (Hu et al., 2022): ink drawings, a style that the base model never saw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from genart_assets.finetuning.adapter import adapter_metadata
from genart_assets.starter_training.generator import Generator, draw_rows, velocity_loss
from genart_assets.starter_training.icons import Icons
from genart_assets.starter_training.latents import CachedLatents
from genart_assets.starter_training.loop import Effects, Schedule, train
from genart_assets.starter_training.vocabulary import Pair, Vocabulary

if TYPE_CHECKING:
    import numpy as np
    import torch

SCHEDULE = Schedule(steps=500, rows=32, rate=2e-3, warm_up=30, decay_from=0.4, average=0.98, weight_decay=0.0, seed=61)
RANK = 16
TARGETS = ["to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2"]
"""Attention and feed-forward layers of every transformer block."""


def training_pairs(icons: Icons, words: Vocabulary) -> list[Pair]:
    """The ink drawings that the LoRA learns from; subjects with a held-out pair are reserved for evaluation."""
    left_out = {pair.subject for pair in words.held_out}
    return [pair for pair in icons if pair.style == words.lora_style and pair.subject not in left_out]


def train_style_lora(made: Generator, latents: CachedLatents, effects: Effects) -> tuple[Any, dict[str, float]]:
    """Add an adapter to the UNet and train only it; return the UNet with the adapter, and the losses."""
    import torch
    from peft import LoraConfig

    torch.manual_seed(SCHEDULE.seed)
    made.text_encoder.requires_grad_(False).eval()
    made.unet.requires_grad_(False)
    made.unet.add_adapter(LoraConfig(r=RANK, lora_alpha=RANK, init_lora_weights="gaussian", target_modules=TARGETS))

    def losses_of(random: np.random.Generator) -> dict[str, torch.Tensor]:
        wanted, captions = draw_rows(latents, random, SCHEDULE.rows)
        return {"velocity": velocity_loss(made, torch.stack(wanted), captions, random)}

    return made.unet, train({"unet": made.unet}, SCHEDULE, losses_of, effects)


def save_style_lora(unet: Any, folder: Path) -> None:
    """Write ``pytorch_lora_weights.safetensors`` in fp16, for a pipeline's ``load_lora_weights``."""
    from diffusers import StableDiffusionPipeline
    from diffusers.utils.state_dict_utils import convert_state_dict_to_diffusers
    from peft.utils import get_peft_model_state_dict

    held = {name: tensor.half().contiguous() for name, tensor in get_peft_model_state_dict(unet).items()}
    StableDiffusionPipeline.save_lora_weights(
        save_directory=str(folder),
        unet_lora_layers=convert_state_dict_to_diffusers(held),
        safe_serialization=True,
        unet_lora_adapter_metadata=adapter_metadata(unet),
    )
