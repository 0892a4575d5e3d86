"""Adds a fresh LoRA adapter to the base model's denoiser and encodes it in diffusers' layout."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from genart_assets.errors import ModelError
from genart_assets.loras.records import FinetuneConfig
from genart_assets.models.denoisers import component_of, denoiser_of
from genart_assets.models.lora_configs import METADATA_KEY
from genart_assets.models.registry import find_model

if TYPE_CHECKING:
    import torch

    from genart_assets.models.loading import LoadedModel


def denoiser_with_lora(model: LoadedModel, config: FinetuneConfig) -> Any:
    """The base model's denoiser with an adapter to train; loaded again, so that rendering shares nothing with it.

    The adapter is float32 and changes nothing at first; its bits depend on the seed. The base is bfloat16 where the
    device class is, otherwise float32: in float16, gradients vanish.

    Raises:
        ModelError: the denoiser does not have the layers that ``config.targets`` names.
    """
    import torch
    from diffusers.training_utils import cast_training_params
    from peft import LoraConfig

    from genart_assets.models.quiet import quiet_libraries

    base = denoiser_of(model.pipe)
    with quiet_libraries():
        network = type(base).from_pretrained(
            str(find_model(model.snapshot.name)),
            subfolder=component_of(base),
            torch_dtype=torch.bfloat16 if is_mixed(model) else torch.float32,
            use_safetensors=True,
            local_files_only=True,
        )
    network.requires_grad_(False)
    wanted = LoraConfig(
        r=config.rank, lora_alpha=config.rank, init_lora_weights="gaussian", target_modules=list(config.targets)
    )
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            network.add_adapter(wanted)
    except ValueError as error:
        raise ModelError(
            f"the denoiser of {model.snapshot.name!r} cannot be adapted: {error}",
            remedy=f"name layers of this model in targets instead of {', '.join(config.targets)}",
        ) from error
    cast_training_params(network, torch.float32)
    if config.gradient_checkpointing:
        network.enable_gradient_checkpointing()
    return network.train().to(model.device)


def is_mixed(model: LoadedModel) -> bool:
    """Whether passes through the network run in bfloat16 around a float32 adapter."""
    return model.device_class.dtype == "bfloat16"


def adapter_metadata(network: Any) -> dict[str, Any]:
    """The adapter's peft config in JSON types."""
    held = network.peft_config["default"].to_dict()
    return {key: sorted(value) if isinstance(value, set) else value for key, value in held.items()}


def encode_lora(component: str, weights: Mapping[str, torch.Tensor], metadata: Mapping[str, Any]) -> bytes:
    """The safetensors file that diffusers' ``load_lora_weights`` reads.

    Names are those that diffusers' trainers give for a UNet or a transformer. The same weights give the same bytes.
    """
    from diffusers.utils.state_dict_utils import convert_state_dict_to_diffusers
    from safetensors.torch import save

    named = {name: tensor.contiguous() for name, tensor in weights.items()}
    if component == "unet":
        named = convert_state_dict_to_diffusers(named)
    packed = {f"{component}.{key}": value for key, value in metadata.items()}
    return save(
        {f"{component}.{name}": tensor for name, tensor in named.items()},
        {METADATA_KEY: json.dumps(packed, sort_keys=True)},  # one key: safetensors writes several in random order
    )
