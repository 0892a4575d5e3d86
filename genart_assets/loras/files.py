"""Finds the LoRAs that a brief names: versions of styles in the storage, all others by their files."""

from __future__ import annotations

import re
from pathlib import Path

from genart_assets.errors import InputError
from genart_assets.instance.home import home_path
from genart_assets.loras.folder import RECORD, WEIGHTS
from genart_assets.loras.versions import StyleLora, version_of, weights_of
from genart_assets.models.loras import find_lora, full_name, lora_snapshot
from genart_assets.models.snapshot import file_sha256, snapshot_of
from genart_assets.records.recipe import ModelSnapshot
from genart_assets.storage.new_folder import fill_folder
from genart_assets.storage.root import Storage

_REGISTERED = re.compile(r"^(?P<style>[a-z0-9][a-z0-9-]{0,63})@(?P<version>[0-9a-f]{12}|promoted)$")


def locate(storage: Storage | None, name: str, version: str | None = None, *, fetch: bool = True) -> Path:
    """The file of a LoRA: a version of a style, also written ``style@version``, otherwise as `find_lora` finds it.

    Raises:
        InputError: there is no such LoRA or version, or a style's version needs a storage and there is none.
        ModelError: as `find_lora`, or a version's weights have changed. StorageError: they are missing.
    """
    named = _version_named(name, version)
    return file_of(*_registered(storage, *named)) if named else find_lora(name, fetch=fetch)


def located_snapshot(storage: Storage | None, name: str, version: str | None = None) -> ModelSnapshot:
    """The present identity of a LoRA, as `lora_snapshot`; a style's version has its recorded licence.

    Raises:
        InputError, ModelError, StorageError: as `locate`.
    """
    named = _version_named(name, version)
    if named is None:
        return lora_snapshot(name)
    held, lora = _registered(storage, *named)
    file = file_of(held, lora)
    found = snapshot_of(full_name(name, version), file.parent, [file])
    return found.model_copy(update={"licence": lora.record.licence})


def style_of(name: str) -> str | None:
    """The style that a snapshot's name refers to; None for a LoRA without a style."""
    named = _version_named(name, None)
    return named[0] if named else None


def file_of(storage: Storage, lora: StyleLora) -> Path:
    """The safetensors of a version on the local disk: in a local storage, otherwise a copy in the home, made once.

    Raises:
        ModelError: the weights have changed. StorageError: they are missing.
    """
    folder = home_path() / "style_loras" / lora.style / lora.version
    file = Path(str(storage.path(lora.weights_path))) if storage.is_local else folder / WEIGHTS
    if not file.is_file() or file_sha256(file) != lora.record.weights_sha256:
        weights = weights_of(storage, lora)  # raises for a local storage: its file is missing or has changed
        fill_folder(folder, {WEIGHTS: weights, RECORD: lora.record.canonical().encode()})
    return file


def _version_named(name: str, version: str | None) -> tuple[str, str] | None:
    """The style and the version that a name refers to; None for a LoRA without a style."""
    if version is not None:
        return name, version
    found = None if Path(name).exists() else _REGISTERED.match(name)
    return (found["style"], found["version"]) if found else None


def _registered(storage: Storage | None, style: str, version: str) -> tuple[Storage, StyleLora]:
    if storage is None:
        raise InputError(
            f"version {version!r} of style {style} cannot be found without a storage",
            remedy="run the brief in the home of the studio",
        )
    return storage, version_of(storage, style, version)
