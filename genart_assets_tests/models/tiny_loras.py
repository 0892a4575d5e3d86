"""Small LoRAs with random weights on the starter's UNet, saved as diffusers saves them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from diffusers.utils.state_dict_utils import convert_state_dict_to_diffusers
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict

from genart_assets.models.loras import USUAL_NAME, lora_snapshot
from genart_assets.records.recipe import RecipeLora
from genart_assets.starter.shipped import SHIPPED

ATTENTION = ["to_q", "to_k", "to_v", "to_out.0"]


def random_lora(
    folder: Path, seed: int, *, rank: int = 4, targets: list[str] = ATTENTION, dropout: float = 0.0
) -> Path:
    """The directory of a LoRA whose both matrices are random, so that it changes pictures at once."""
    unet: Any = UNet2DConditionModel.from_pretrained(SHIPPED["starter"] / "unet")
    torch.manual_seed(seed)
    unet.add_adapter(LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=dropout, target_modules=targets))
    layers = get_peft_model_state_dict(unet)
    for name in layers:
        layers[name] = torch.randn_like(layers[name]) * (0.2 if "lora_B" in name else 0.05)
    StableDiffusionPipeline.save_lora_weights(
        save_directory=str(folder),
        unet_lora_layers=convert_state_dict_to_diffusers(layers),
        unet_lora_adapter_metadata={
            key: sorted(value) if isinstance(value, set) else value
            for key, value in unet.peft_config["default"].to_dict().items()
        },
    )
    assert (folder / USUAL_NAME).is_file()
    return folder


def used(name: str | Path, scale: float = 1.0) -> RecipeLora:
    return RecipeLora(name=Path(name).name, snapshot=lora_snapshot(str(name)).snapshot_id, scale=scale)
