"""Reference pictures: the studio's examples of the style that it wants, read beside the brief, kept in the storage."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genart_assets.errors import InputError, StorageError
from genart_assets.pictures.upright import on_white, upright_picture
from genart_assets.records.fields import Reference
from genart_assets.storage.pixels import decode_png, encode_png, pixel_sha256
from genart_assets.storage.root import Storage

Picture = npt.NDArray[np.uint8]
"""sRGB ``uint8 [height, width, 3]``."""


def read_picture(path: str | Path) -> Picture:
    """The pixels of a picture file, upright, on white where it is transparent.

    Raises:
        InputError: it cannot be read, is no PNG, JPEG, WebP or AVIF picture, or has more than 16 million pixels.
    """
    smaller = "give a smaller copy; the critic looks at a few hundred px"
    return np.asarray(on_white(upright_picture(path, os.fspath(path), smaller).convert("RGBA")))


def reference_path(sha256: str) -> str:
    """Where the reference of that pixel hash lies, relative to the storage root."""
    return f"references/{sha256}.png"


def store_references(storage: Storage, references: Iterable[Reference]) -> None:
    """Store the reference pictures of a brief or a style, each once, under the hash of its pixels.

    Raises:
        InputError: a picture is gone, or has changed since it was read. StorageError: the storage refuses.
    """
    for reference in references:
        place = reference_path(reference.sha256)
        if storage.exists(place):
            continue
        picture = read_picture(reference.path)
        if pixel_sha256(picture) != reference.sha256:
            raise InputError(
                f"reference picture {reference.path} has changed since it was read",
                remedy="give the brief or the style again",
            )
        storage.write_once(place, encode_png(picture))


def stored_references(storage: Storage, references: Iterable[Reference]) -> list[Picture]:
    """The reference pictures that were kept, in their order.

    Raises:
        StorageError: one is missing or damaged.
    """
    return [stored_picture(storage, reference_path(reference.sha256), reference.sha256) for reference in references]


def stored_picture(storage: Storage, place: str, sha256: str) -> Picture:
    """The picture at a place of the storage, whose pixels have that hash.

    Raises:
        StorageError: it is missing or damaged, or it is another picture.
    """
    data = storage.read(place)
    try:
        picture = decode_png(data)
    except (OSError, ValueError, SyntaxError) as error:
        raise _damaged(storage, place, str(error)) from error
    if pixel_sha256(picture) != sha256:
        raise _damaged(storage, place, "its pixels have another hash")
    return picture


def _damaged(storage: Storage, place: str, why: str) -> StorageError:
    return StorageError(
        f"{storage.root}/{place} is damaged: {why}",
        remedy="delete the file and give the brief or the style again, with the picture beside it; it is rewritten",
    )
