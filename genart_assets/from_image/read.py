"""How a reference picture was made, whichever tool made it."""

from __future__ import annotations

import os
from pathlib import Path

from genart_assets.deliverables.formats import format_of
from genart_assets.deliverables.xmp import NAMESPACES
from genart_assets.errors import InputError
from genart_assets.from_image.comfyui import comfyui_making
from genart_assets.from_image.delivery import delivery_making
from genart_assets.from_image.fooocus import fooocus_making
from genart_assets.from_image.generation_metadata import DAMAGED, Making
from genart_assets.from_image.invokeai import invokeai_making
from genart_assets.from_image.picture_texts import MEDIA_TYPES, texts_of
from genart_assets.from_image.web_ui import web_ui_making

READERS = (web_ui_making, fooocus_making, invokeai_making, comfyui_making)
"""The first that knows a picture's texts reads them: savers for ComfyUI add ``parameters``, which say it plainer."""
MAX_BYTES = 256 * 2**20
_TOLD_BY = "ComfyUI, Automatic1111, Forge, InvokeAI, Fooocus and genart-assets write how they made a picture into it"


def read_making(path: Path) -> Making:
    """What a picture tells about how it was made; its own size where its metadata tells none.

    Raises:
        InputError: no such file, no whole picture, nothing in it that tells, damaged metadata, or no prompt.
    """
    form = format_of(_start_of(path))
    if form is not None and form.declared.media_type not in MEDIA_TYPES:  # no other tool writes into such a file
        return delivery_making(path)
    picture = texts_of(path)
    if NAMESPACES["genart"].encode() in picture.xmp:
        return delivery_making(path)
    making = next(filter(None, (read(picture.texts, str(path)) for read in READERS)), None)
    if making is None:
        remedy = f"Give the file as the tool saved it: {_TOLD_BY}, many editors and websites drop it."
        raise InputError(f"{path}: this picture tells nothing about how it was made", remedy=remedy)
    if not making.prompt:
        remedy = "Write the brief by hand; genart_assets/starter/briefs/demo.yaml is one to copy."
        raise InputError(f"{path}: its metadata of {making.tool} leads to no prompt", remedy=remedy)
    if making.size is None:
        remarks = (*making.remarks, "its metadata tells no size: the picture's own is taken")
        return making.model_copy(update={"size": picture.size, "remarks": remarks})
    return making


def _start_of(path: Path) -> bytes:
    """The first bytes of a file, which is a regular one and not too large for any reader."""
    if not os.path.isfile(path):
        raise InputError(f"{path}: there is no such file", remedy="Give the path of a picture.")
    try:
        with open(path, "rb") as file:
            start, size = file.read(64), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", remedy="Make the file readable.") from error
    if size > MAX_BYTES:
        raise InputError(f"{path} has {size:,} bytes, at most {MAX_BYTES:,} are read", remedy=DAMAGED)
    return start
