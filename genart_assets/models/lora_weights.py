"""A LoRA's tensors: read, found to be whole, and to fit a base model's layers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genart_assets.errors import ModelError
from genart_assets.models.families.protocol import ModelFamily
from genart_assets.models.lora_configs import peft_config

if TYPE_CHECKING:
    import torch

_OF_A_LORA = re.compile(r"(\.(lora_A|lora_B|lora\.down|lora\.up|lora_down|lora_up)\.weight|\.alpha)$")
_TEXT_ENCODERS = (
    "text_encoder.",
    "text_encoder_2.",
    "text_encoder_3.",
    "lora_te_",
    "lora_te1_",
    "lora_te2_",
    "lora_te3_",
)
_DOWN, _ALPHA = ".lora_A.weight", ".alpha"
_KOHYAS = "lora_unet_"
_DENOISERS = ("unet.", _KOHYAS, "transformer.")
Layers = Mapping[str, tuple[int, ...]]
"""Layer of a denoiser to the shape of its weight."""


@dataclass(frozen=True)
class LoraWeights:
    tensors: Mapping[str, torch.Tensor]
    """``{layer}.lora_A.weight`` ``[rank, in, …]`` and ``{layer}.lora_B.weight`` ``[out, rank, …]``."""
    config: Mapping[str, Any]
    """The arguments of peft's ``LoraConfig``: these layers, and how much each pair counts."""


def read_lora(path: Path, family: ModelFamily, config: Mapping[str, Any]) -> LoraWeights:
    """The pairs of matrices in a LoRA's file (Hu et al., 2022); every pair fits a layer of the denoiser, whose class
    and shapes ``config`` says. diffusers' and peft's names are understood, and kohya's for UNets.

    Raises:
        ModelError: a damaged file; values that are not finite, or are no floating-point numbers of 16 bits or more;
            tensors or metadata that are of no plain LoRA, or tensors for a text encoder; a tensor without a partner,
            or one that fits no layer: then the LoRA is of another base.
    """
    from diffusers.utils.state_dict_utils import convert_unet_state_dict_to_peft

    from genart_assets.models.quiet import quiet_libraries

    raw, component = _raw(path), family.component
    layers = layer_shapes(json.dumps(dict(config), sort_keys=True, default=str))
    with quiet_libraries():
        try:
            named, alphas = family.lora_layers(path, raw, config)
        except (ValueError, KeyError, IndexError, AttributeError) as error:
            raise _other_base(path, f"its names cannot be read as this base's: {error}") from error
    tensors = convert_unet_state_dict_to_peft(
        {name.removeprefix(f"{component}."): tensor for name, tensor in named.items()}
    )
    _require_fit(path, tensors, layers)
    ranks = {name.removesuffix(_DOWN): len(tensor) for name, tensor in sorted(tensors.items()) if name.endswith(_DOWN)}
    of_tensors = {name.removeprefix(f"{component}.").removesuffix(_ALPHA): alpha for name, alpha in alphas.items()}
    of_layers = {
        name.removesuffix(_DOWN): float(alpha) for name, alpha in convert_unet_state_dict_to_peft(of_tensors).items()
    }
    return LoraWeights(tensors, peft_config(path, ranks, of_layers, component))


@lru_cache(maxsize=4)
def layer_shapes(denoiser_config: str) -> Layers:
    """Every layer of a denoiser with weights, told from its config (JSON) without any."""
    import diffusers
    from accelerate import init_empty_weights

    config = json.loads(denoiser_config)
    with init_empty_weights():
        denoiser = getattr(diffusers, str(config["_class_name"])).from_config(config)
    weights = {name: getattr(layer, "weight", None) for name, layer in denoiser.named_modules()}
    return {name: tuple(weight.shape) for name, weight in weights.items() if weight is not None}


def config_of(denoiser: Any) -> Mapping[str, Any]:
    """The config of a loaded denoiser, as its file says it."""
    return {**denoiser.config, "_class_name": type(denoiser).__name__}


def _raw(path: Path) -> dict[str, torch.Tensor]:
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        raw = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"LoRA {path} cannot be read: {error}", remedy="give an intact safetensors file") from error
    if not raw:
        raise ModelError(f"LoRA {path} holds no tensors", remedy="give a LoRA's weights")
    for name, tensor in sorted(raw.items()):
        if name.startswith(_TEXT_ENCODERS):
            raise ModelError(
                f"LoRA {path} changes a text encoder: tensor {name}",
                remedy="give a LoRA of the denoiser alone: prompts are encoded once for all images, without LoRAs",
            )
        if not name.startswith(_DENOISERS) or not _OF_A_LORA.search(name):
            raise ModelError(
                f"LoRA {path} holds tensor {name}, which is of no plain LoRA of a UNet or a transformer",
                remedy="give one as diffusers' save_lora_weights or kohya's trainer writes it; "
                "DoRA, LoHa, LoKr and full weights are not supported",
            )
        if tensor.dtype not in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
            raise ModelError(
                f"LoRA {path}: tensor {name} is {str(tensor.dtype).removeprefix('torch.')}",
                remedy="save it in float16, bfloat16 or float32",
            )
        if name.endswith(_ALPHA) and tensor.numel() != 1:
            raise ModelError(
                f"LoRA {path}: tensor {name} is of shape {list(tensor.shape)}, an alpha is one number",
                remedy="give an intact file, or train it again",
            )
        if not tensor.isfinite().all():
            raise ModelError(
                f"LoRA {path}: tensor {name} holds values that are not finite", remedy="train it again, or take another"
            )
    return raw


def _require_fit(path: Path, tensors: Mapping[str, torch.Tensor], layers: Layers) -> None:
    for name in sorted(tensors):
        if name.endswith(_ALPHA):
            raise ModelError(
                f"LoRA {path}: tensor {name} is an alpha beside names that are not kohya's",
                remedy="save it with diffusers' save_lora_weights, which writes alphas into the metadata",
            )
        layer, _, matrix = name.partition(".lora_")
        down, up = tensors.get(f"{layer}.lora_A.weight"), tensors.get(f"{layer}.lora_B.weight")
        if down is None or up is None:
            raise ModelError(f"LoRA {path}: tensor {name} has no partner", remedy="give the whole file")
        shape = layers.get(layer)
        if shape is None:
            raise _other_base(path, f"tensor {name} is for layer {layer}, which the model does not have")
        if matrix.startswith("A"):
            fits = down.shape[1:] == shape[1:] and len(down) > 0
        else:
            fits = up.shape[0] == shape[0] and up.shape[2:].numel() == 1
        if not fits or down.ndim != up.ndim or down.shape[0] != up.shape[1]:
            given = list(tensors[name].shape)
            raise _other_base(path, f"tensor {name} is {given}, its layer's weight is {list(shape)}")


def _other_base(path: Path, why: str) -> ModelError:
    return ModelError(f"LoRA {path} does not fit the model: {why}", remedy="use a LoRA that was trained on this model")
