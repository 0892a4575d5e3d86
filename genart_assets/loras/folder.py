"""Reads and writes a LoRA in a folder: its weights and the record of how it came to be."""

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
