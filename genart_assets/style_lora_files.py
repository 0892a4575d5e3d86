"""Registered style LoRAs as briefs name them, and the files that a pipeline loads."""

from __future__ import annotations

from pathlib import Path

from genart_assets.finetuning.adapter import RECORD, WEIGHTS
from genart_assets.instance.home import home_path
from genart_assets.instance.services import storage_from
from genart_assets.models.snapshot import file_sha256
from genart_assets.storage.new_folder import fill_folder
from genart_assets.storage.root import Storage
from genart_assets.style_loras import StyleLora, version_of, weights_of


def registered_lora(style: str, version: str) -> StyleLora:
    """A version, or the one that is ``promoted``, in the storage of the home.

    Raises:
        InputError: there is none of that name.
    """
    return version_of(_storage(), style, version)


def file_of(lora: StyleLora) -> Path:
    """The safetensors of a version on this machine's disk: in a local storage itself, else a copy in the home, which is
    made once.

    Raises:
        ModelError: the weights are not those that were stored. StorageError: they are missing.
    """
    storage = _storage()
    folder = home_path() / "style_loras" / lora.style / lora.version
    file = Path(str(storage.path(lora.weights_path))) if storage.is_local else folder / WEIGHTS
    if not file.is_file() or file_sha256(file) != lora.record.weights_sha256:
        weights = weights_of(storage, lora)  # of a local storage this raises: it is these that are gone or changed
        fill_folder(folder, {WEIGHTS: weights, RECORD: lora.record.canonical().encode()})
    return file


def _storage() -> Storage:
    return Storage.open(str(storage_from(home_path())))
