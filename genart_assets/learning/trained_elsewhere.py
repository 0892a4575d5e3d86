"""A LoRA that a cluster fine-tuned, on its way to become a version of a style."""

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
    """The LoRA that a fine-tune elsewhere left in its directory, if it can be a version of the style.

    Raises:
        ModelError: there is none, it is damaged, or of another base. InputError: it learnt from no training set of the
            style, so that nobody could tell which prompts it has not seen.
    """
    weights, record = read_lora(folder / LORA)
    if record.base_snapshot != base.snapshot_id:
        raise ModelError(
            f"the LoRA in {folder} fits {record.base} of snapshot {record.base_snapshot[:12]}, and {base.name} is "
            f"{base.snapshot_id[:12]}",
            remedy="fine-tune it with the command that `genart learn --write` printed",
        )
    if not prompts_learnt(storage, style, record.training_set):
        raise InputError(
            f"the LoRA in {folder} learnt from training set {record.training_set[:12]}, which is none of {style}'s",
            remedy="fine-tune on a directory that `genart learn --write` wrote for this style",
        )
    return weights, record
