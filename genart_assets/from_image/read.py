"""How a reference picture was made, whichever tool made it."""

from __future__ import annotations

import os
from pathlib import Path

from genart_assets.deliverables.read_back import is_svg
from genart_assets.deliverables.xmp import NAMESPACES
from genart_assets.errors import InputError
from genart_assets.from_image.comfyui import read_comfyui
from genart_assets.from_image.delivery import read_delivery
from genart_assets.from_image.fooocus import read_fooocus
from genart_assets.from_image.generation_metadata import DAMAGED, GenerationMetadata
from genart_assets.from_image.invokeai import read_invokeai
from genart_assets.from_image.picture_texts import texts_of
from genart_assets.from_image.web_ui import read_web_ui

READERS = (read_web_ui, read_fooocus, read_invokeai, read_comfyui)
"""The first that knows a picture's texts reads them: savers for ComfyUI add ``parameters``, which say it plainer."""
MAX_BYTES = 256 * 2**20
_TOLD_BY = "ComfyUI, Automatic1111, Forge, InvokeAI, Fooocus and genart-assets write how they made a picture into it"


def read_generation_metadata(path: Path) -> GenerationMetadata:
    """What a picture tells about how it was made; its own size where its metadata tells none.

    Raises:
        InputError: no such file, no whole picture, nothing in it that tells, damaged metadata, or no prompt.
    """
    if _is_svg(path):
        return read_delivery(path)
    picture = texts_of(path)
    if NAMESPACES["genart"].encode() in picture.xmp:
        return read_delivery(path)
    metadata = next(filter(None, (read(picture.texts, str(path)) for read in READERS)), None)
    if metadata is None:
        remedy = f"Give the file as the tool saved it: {_TOLD_BY}, many editors and websites drop it."
        raise InputError(f"{path}: this picture tells nothing about how it was made", remedy=remedy)
    if not metadata.prompt:
        remedy = "Write the brief by hand; genart_assets/starter/briefs/demo.yaml is one to copy."
        raise InputError(f"{path}: its metadata of {metadata.tool} leads to no prompt", remedy=remedy)
    if metadata.size is None:
        remarks = (*metadata.remarks, "its metadata tells no size: the picture's own is taken")
        return metadata.model_copy(update={"size": picture.size, "remarks": remarks})
    return metadata


def _is_svg(path: Path) -> bool:
    """Whether it is an SVG; the file is a regular one and not too large for any reader."""
    if not os.path.isfile(path):
        raise InputError(f"{path}: there is no such file", remedy="Give the path of a picture.")
    try:
        with open(path, "rb") as file:
            start, size = file.read(64), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", remedy="Make the file readable.") from error
    if size > MAX_BYTES:
        raise InputError(f"{path} has {size:,} bytes, at most {MAX_BYTES:,} are read", remedy=DAMAGED)
    return is_svg(start)
