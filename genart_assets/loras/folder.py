"""Reads and writes a LoRA in a folder: its weights and the record of how it was made."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from genart_assets.errors import ModelError
from genart_assets.loras.records import LoraRecord
from genart_assets.records.base import sha256_hex
from genart_assets.storage.new_folder import fill_folder

WEIGHTS, RECORD = "pytorch_lora_weights.safetensors", "lora.json"


def save_lora(folder: Path, weights: bytes, record: LoraRecord) -> None:
    """Write a LoRA into a directory, durably, the record last.

    Raises:
        InputError: the directory holds another LoRA. StorageError: the disk refuses to store it.
    """
    fill_folder(folder, {WEIGHTS: weights, RECORD: record.canonical().encode()})


def read_lora(folder: Path) -> tuple[bytes, LoraRecord]:
    """The weights and the record in a directory.

    Raises:
        ModelError: one is missing or damaged, the record belongs to other weights, or a weight is not finite.
    """
    try:
        weights, record = (
            (folder / WEIGHTS).read_bytes(),
            LoraRecord.model_validate_json((folder / RECORD).read_bytes()),
        )
    except (OSError, ValidationError) as error:
        raise ModelError(
            f"{folder} does not hold a readable {WEIGHTS} and {RECORD}: {error}", remedy="fine-tune the LoRA again"
        ) from error
    require_sound_lora(weights, record)
    return weights, record


def require_sound_lora(weights: bytes, record: LoraRecord) -> None:
    """Refuse weights that do not match the record, are not safetensors, or are not finite.

    Raises:
        ModelError: the weights are refused; the message has the reason.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    remedy = "fine-tune the LoRA again and store it as safetensors, since other formats can run code"
    if sha256_hex(weights) != record.weights_sha256:
        raise ModelError(f"the weights are not those of LoRA {record.version}: the hash differs", remedy=remedy)
    try:
        tensors = load(weights)
    except (SafetensorError, KeyError) as error:
        raise ModelError(f"the weights of LoRA {record.version} are not safetensors: {error}", remedy=remedy) from error
    if not tensors or not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise ModelError(f"LoRA {record.version} has no weights, or has weights that are not finite", remedy=remedy)
