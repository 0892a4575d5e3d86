"""Start pictures and their masks: prepared beside the brief, kept in the storage by the hash of their pixels."""

from __future__ import annotations

from genart_assets.records.brief import Brief
from genart_assets.stages.briefs.control_images import store_prepared
from genart_assets.stages.briefs.prepare_start import prepare_mask, prepare_start
from genart_assets.stages.briefs.references import Picture, stored_picture
from genart_assets.storage.root import Storage


def start_path(sha256: str) -> str:
    """Where the start picture, or the mask, of that pixel hash lies, relative to the storage root."""
    return f"starts/{sha256[:2]}/{sha256}.png"


def store_starts(storage: Storage, brief: Brief) -> None:
    """Store the brief's start pictures and masks as they were prepared, each once, under the hash of its pixels.

    Raises:
        InputError: a picture is gone, or has changed since the brief was read. StorageError: the storage refuses.
    """
    if (use := brief.start) is not None:
        for pictures, prepare in ((use.images, prepare_start), (use.masks, prepare_mask)):
            store_prepared(
                storage, pictures.values(), start_path, lambda path, prepare=prepare: prepare(path, brief.size)
            )


def stored_start(storage: Storage, sha256: str) -> Picture:
    """A prepared start picture, or a mask, sRGB ``uint8 [height, width, 3]``, by the hash of its pixels.

    Raises:
        StorageError: it is missing, damaged, or another picture.
    """
    return stored_picture(storage, start_path(sha256), sha256)
