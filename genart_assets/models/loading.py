"""Loading a diffusion pipeline once for the life of the process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genart_assets.errors import ModelError
from genart_assets.models.adapters import Adapters, budget_bytes
from genart_assets.models.device import DeviceClass, device_class
from genart_assets.models.families.installed import family_of
from genart_assets.models.families.protocol import ModelFamily
from genart_assets.models.quiet import quiet_libraries
from genart_assets.models.registry import find_model
from genart_assets.models.snapshot import require_snapshot, take_snapshot
from genart_assets.records.recipe import ModelSnapshot

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class LoadedModel:
    """A text-to-image pipeline on its device, with what is needed to render and to record."""

    snapshot: ModelSnapshot
    device_class: DeviceClass
    family: ModelFamily
    pipe: Any
    adapters: Adapters

    @property
    def device(self) -> torch.device:
        return self.pipe.device


_loaded: dict[tuple[str, DeviceClass], LoadedModel] = {}


def load_model(name: str, expected_snapshot: str | None = None) -> LoadedModel:
    """The model of that name, loaded by diffusers' ``from_pretrained`` and kept for the life of the process.

    The cache is keyed by the snapshot, so changed weights are never served under an old id.

    Raises:
        ModelError: the files now hash to something else than ``expected_snapshot``, no family knows the pipeline, or
            weights are damaged, are gone, or lack a tensor of the denoiser or the autoencoder.
    """
    snapshot = take_snapshot(name)
    if expected_snapshot is not None:
        require_snapshot(f"model {name!r}", snapshot.snapshot_id, expected_snapshot)
    chosen = device_class()
    key = (snapshot.snapshot_id, chosen)
    if key not in _loaded:
        _loaded[key] = _load(snapshot, chosen)
    return _loaded[key]


def _load(snapshot: ModelSnapshot, chosen: DeviceClass) -> LoadedModel:
    from safetensors import SafetensorError

    folder = find_model(snapshot.name)
    file = folder / "model_index.json"
    if not file.is_file():
        raise ModelError(f"{folder} has no model_index.json", remedy="give a directory in diffusers' layout")
    index = json.loads(file.read_text(encoding="utf-8"))
    family = family_of(index["_class_name"])
    left_out = [name for name, what in index.items() if what == [None, None]]
    try:
        pipe = _from_pretrained(str(folder), chosen, left_out)
        pipe = pipe.to(chosen.device)  # a tensor that was not in its file has no data to move
    except (OSError, ValueError, NotImplementedError, SafetensorError) as error:
        raise ModelError(
            f"model {folder} cannot be loaded: {error}", remedy="give the whole directory, as diffusers saves it"
        ) from error
    pipe.set_progress_bar_config(disable=True)
    adapters = Adapters(family, pipe, budget_bytes())
    return LoadedModel(snapshot=snapshot, device_class=chosen, family=family, pipe=pipe, adapters=adapters)


def _from_pretrained(folder: str, chosen: DeviceClass, left_out: Sequence[str]) -> Any:
    from diffusers import DiffusionPipeline

    with quiet_libraries():
        return DiffusionPipeline.from_pretrained(
            folder,
            dtype=chosen.torch_dtype,
            use_safetensors=True,
            local_files_only=True,
            **dict.fromkeys({*left_out, "safety_checker"}),
        )
