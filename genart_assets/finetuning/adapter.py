"""The LoRA itself: a fresh adapter on the base's own denoiser, and its files in diffusers' layout."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from genart_assets.errors import ModelError
from genart_assets.finetuning.config import FinetuneConfig, LoraRecord
from genart_assets.models.families.protocol import ModelFamily
from genart_assets.models.lora_configs import METADATA_KEY
from genart_assets.models.registry import find_model
from genart_assets.records import sha256_hex
from genart_assets.storage.new_folder import fill_folder

if TYPE_CHECKING:
    import torch

    from genart_assets.models.loading import LoadedModel

WEIGHTS, RECORD = "pytorch_lora_weights.safetensors", "lora.json"


def denoiser_with_lora(model: LoadedModel, config: FinetuneConfig) -> Any:
    """The base's denoiser, loaded anew so that nothing of it is shared with what renders, with an adapter to train.

    The adapter is float32, and begins as no change at all; its bits depend on the seed. The base is bfloat16 where the
    device class is, and else float32: in float16 gradients vanish.

    Raises:
        ModelError: the denoiser has none of the layers that ``config.targets`` names.
    """
    import torch
    from diffusers.training_utils import cast_training_params
    from peft import LoraConfig

    from genart_assets.models.loading import quiet_libraries

    base = model.family.denoiser(model.pipe)
    with quiet_libraries():
        network = type(base).from_pretrained(
            str(find_model(model.snapshot.name)),
            subfolder=model.family.component,
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
            remedy=f"correct targets; now {', '.join(config.targets)}",
        ) from error
    cast_training_params(network, torch.float32)
    if config.gradient_checkpointing:
        network.enable_gradient_checkpointing()
    return network.train().to(model.device)


def is_mixed(model: LoadedModel) -> bool:
    """Whether passes run in bfloat16 around a float32 adapter."""
    return model.device_class.dtype == "bfloat16"


def adapter_metadata(network: Any) -> dict[str, Any]:
    """The adapter's peft config in JSON's types."""
    held = network.peft_config["default"].to_dict()
    return {key: sorted(value) if isinstance(value, set) else value for key, value in held.items()}


def encode_lora(family: ModelFamily, weights: Mapping[str, torch.Tensor], metadata: Mapping[str, Any]) -> bytes:
    """Safetensors as diffusers' ``load_lora_weights`` reads them, and as its trainers name them; the same weights give
    the same bytes.
    """
    from safetensors.torch import save

    component = family.component
    named = family.lora_names({name: tensor.contiguous() for name, tensor in weights.items()})
    packed = {f"{component}.{key}": value for key, value in metadata.items()}
    return save(
        {f"{component}.{name}": tensor for name, tensor in named.items()},
        {METADATA_KEY: json.dumps(packed, sort_keys=True)},  # one key: safetensors writes several in random order
    )


def save_lora(folder: Path, weights: bytes, record: LoraRecord) -> None:
    """Write a LoRA into a directory, durably, the record last.

    Raises:
        InputError: the directory holds another one already. StorageError: the disk refuses.
    """
    fill_folder(folder, {WEIGHTS: weights, RECORD: record.canonical().encode()})


def read_lora(folder: Path) -> tuple[bytes, LoraRecord]:
    """The weights and the record in a directory.

    Raises:
        ModelError: one is missing or damaged, the record is of other weights, or a weight is not finite.
    """
    try:
        weights, record = (
            (folder / WEIGHTS).read_bytes(),
            LoraRecord.model_validate_json((folder / RECORD).read_bytes()),
        )
    except (OSError, ValidationError) as error:
        raise ModelError(
            f"{folder} holds no readable {WEIGHTS} and {RECORD}: {error}", remedy="fine-tune the LoRA again"
        ) from error
    require_sound_lora(weights, record)
    return weights, record


def require_sound_lora(weights: bytes, record: LoraRecord) -> None:
    """Refuse weights that the record is not of, that are no safetensors, or that are not finite.

    Raises:
        ModelError: with the reason.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    remedy = "fine-tune the LoRA again; only safetensors are read, since other formats can run code"
    if sha256_hex(weights) != record.weights_sha256:
        raise ModelError(f"the weights are not those of LoRA {record.version}: their hash differs", remedy=remedy)
    try:
        tensors = load(weights)
    except (SafetensorError, KeyError) as error:
        raise ModelError(f"the weights of LoRA {record.version} are no safetensors: {error}", remedy=remedy) from error
    if not tensors or not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise ModelError(f"LoRA {record.version} has no weights, or some that are not finite", remedy=remedy)
