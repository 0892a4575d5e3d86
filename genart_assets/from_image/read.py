"""Reads how a reference picture was made, whichever tool made it."""

from __future__ import annotations

import os
from pathlib import Path

from genart_assets.deliverables.formats import format_of
from genart_assets.deliverables.xmp import NAMESPACES
from genart_assets.errors import InputError
from genart_assets.from_image.comfyui import read_comfyui
from genart_assets.from_image.delivery import read_delivery
from genart_assets.from_image.fooocus import read_fooocus
from genart_assets.from_image.generation_metadata import DAMAGED, GenerationMetadata
from genart_assets.from_image.invokeai import read_invokeai
from genart_assets.from_image.picture_texts import MEDIA_TYPES, texts_of
from genart_assets.from_image.web_ui import read_web_ui

READERS = (read_web_ui, read_fooocus, read_invokeai, read_comfyui)
"""The first reader that knows a picture's texts reads them; ComfyUI's nodes may add the simpler ``parameters``."""
MAX_BYTES = 256 * 2**20
_TOOLS = "ComfyUI, Automatic1111, Forge, InvokeAI, Fooocus and genart-assets"


def read_generation_metadata(path: Path) -> GenerationMetadata:
    """How a picture was made, according to its metadata; the size is the picture's if the metadata has none.

    Raises:
        InputError: the file is missing or cut off, or its metadata is missing, damaged or without a prompt.
    """
    form = format_of(_start_of(path))
    if form is not None and form.declared.media_type not in MEDIA_TYPES:  # no other tool writes into such a file
        return read_delivery(path)
    picture = texts_of(path)
    if NAMESPACES["genart"].encode() in picture.xmp:
        return read_delivery(path)
    metadata = next(filter(None, (read(picture.texts, str(path)) for read in READERS)), None)
    if metadata is None:
        remedy = f"give the file as {_TOOLS} saved it, since many editors and websites remove the metadata"
        raise InputError(f"{path}: this picture does not say how it was made", remedy=remedy)
    if not metadata.prompt:
        remedy = "write the brief by hand, for example from a copy of genart_assets/starter/briefs/demo.yaml"
        raise InputError(f"{path}: its metadata of {metadata.tool} has no prompt", remedy=remedy)
    if metadata.size is None:
        remarks = (*metadata.remarks, "its metadata does not say the size: the picture's own is used")
        return metadata.model_copy(update={"size": picture.size, "remarks": remarks})
    return metadata


def _start_of(path: Path) -> bytes:
    """Read the first bytes of a file; refuse one that is missing or too large for any reader."""
    if not os.path.isfile(path):
        raise InputError(f"{path}: there is no such file", remedy="give the path of a picture")
    try:
        with open(path, "rb") as file:
            start, size = file.read(64), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", remedy="make the file readable") from error
    if size > MAX_BYTES:
        raise InputError(f"{path} has {size:,} bytes, at most {MAX_BYTES:,} are allowed", remedy=DAMAGED)
    return start
