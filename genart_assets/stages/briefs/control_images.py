"""Control images: read and prepared beside the brief, kept in the storage by the hash of their pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from genart_assets.errors import InputError
from genart_assets.records.brief import Brief
from genart_assets.records.fields import Reference
from genart_assets.stages.briefs.prepare_controls import prepare_control
from genart_assets.stages.briefs.references import Picture, stored_picture
from genart_assets.storage.pixels import encode_png, pixel_sha256
from genart_assets.storage.root import Storage


def control_path(sha256: str) -> str:
    """Where the control image of that pixel hash lies, relative to the storage root."""
    return f"controls/{sha256[:2]}/{sha256}.png"


def store_controls(storage: Storage, brief: Brief) -> None:
    """Store the brief's control images as they were prepared, each once, under the hash of its pixels.

    Raises:
        InputError: an image is gone, or has changed since the brief was read. StorageError: the storage refuses.
    """
    if (use := brief.control) is not None:
        store_prepared(
            storage,
            use.images.values(),
            control_path,
            lambda path: prepare_control(path, use.kind, brief.size),
        )


def store_prepared(
    storage: Storage,
    pictures: Iterable[Reference],
    place_of: Callable[[str], str],
    prepare: Callable[[str], Picture],
) -> None:
    """Store pictures as they are prepared from their paths, each once, where its pixel hash says.

    Raises:
        InputError: a picture is gone, or has changed since the brief was read. StorageError: the storage refuses.
    """
    for found in pictures:
        place = place_of(found.sha256)
        if storage.exists(place):
            continue
        picture = prepare(found.path)
        if pixel_sha256(picture) != found.sha256:
            raise InputError(
                f"picture {found.path} has changed since the brief was read", remedy="give the brief again"
            )
        storage.write_once(place, encode_png(picture))


def stored_control(storage: Storage, sha256: str) -> Picture:
    """A prepared control image, sRGB ``uint8 [height, width, 3]``, by the hash of its pixels.

    Raises:
        StorageError: it is missing, damaged, or another picture.
    """
    return stored_picture(storage, control_path(sha256), sha256)
