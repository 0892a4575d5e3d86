"""Reads a LoRA that was fine-tuned on another machine, and checks that it can be a version of a style."""

from __future__ import annotations

from pathlib import Path

from genart_assets.errors import InputError, ModelError
from genart_assets.finetuning.folder import LORA
from genart_assets.learning.training_sets import prompts_learnt
from genart_assets.loras.folder import read_lora
from genart_assets.loras.records import LoraRecord
from genart_assets.records.recipe import ModelSnapshot
from genart_assets.storage.root import Storage


def trained_elsewhere(folder: Path, storage: Storage, style: str, base: ModelSnapshot) -> tuple[bytes, LoraRecord]:
    """The LoRA in the directory of a fine-tune on another machine, if it can be a version of the style.

    Raises:
        ModelError: there is none, it is damaged, or it fits another base model. InputError: it learnt from a training
            set that the style does not have, so it is unknown which prompts it has seen.
    """
    weights, record = read_lora(folder / LORA)
    if record.base_snapshot != base.snapshot_id:
        raise ModelError(
            f"the LoRA in {folder} fits {record.base} of snapshot {record.base_snapshot[:12]}, but {base.name} is "
            f"{base.snapshot_id[:12]}",
            remedy="fine-tune it with the command that `genart learn --write` printed",
        )
    if not prompts_learnt(storage, style, record.training_set):
        raise InputError(
            f"the LoRA in {folder} learnt from training set {record.training_set[:12]}, which is not a set of {style}",
            remedy="fine-tune in a directory that `genart learn --write` wrote for this style",
        )
    return weights, record
