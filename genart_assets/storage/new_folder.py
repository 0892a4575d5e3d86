"""A directory that is filled once, outside of any storage: fitted tensors, a LoRA, what a fine-tune reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from genart_assets.errors import InputError
from genart_assets.storage.root import Storage


def fill_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a directory, durably, in their order; the same content once more changes nothing.

    Raises:
        InputError: the directory holds another file of one of the names. StorageError: the disk refuses.
    """
    storage = Storage.open(str(folder))
    for name, content in files.items():
        if not storage.write_once(name, content) and storage.read(name) != content:
            raise InputError(
                f"{folder} holds another {name} already", remedy="give a new directory; nothing is overwritten"
            )
