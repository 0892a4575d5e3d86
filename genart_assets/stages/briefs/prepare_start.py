"""A start picture and its mask as the studio has them, to the pixels that denoising starts from."""

from __future__ import annotations

import io
import os

import numpy as np
from PIL import Image, ImageCms

from genart_assets.errors import InputError
from genart_assets.models.starting import HALF
from genart_assets.pictures.upright import on_white, upright_picture
from genart_assets.storage.pixels import Picture

_GREY = ("1", "L", "LA")
_PICTURES = (*_GREY, "P", "PA", "RGB", "RGBA")
_MASKS = ("1", "L", "RGB")


def prepare_start(path: str, size: tuple[int, int]) -> Picture:
    """Read a picture of ``size``'s proportions, width and height in px, as sRGB of that size, on white where it is
    transparent.

    Of colours with 16 bits a channel the upper 8 are taken.

    Raises:
        InputError: it cannot be read; has another mode or other proportions; or its colour profile is no use.
    """
    shown, picture = _read(path, size)
    if picture.mode not in _PICTURES:
        raise InputError(
            f"{shown} has mode {picture.mode}, a start picture is {', '.join(_PICTURES[:-1])} or {_PICTURES[-1]}",
            remedy="save it in sRGB with 8 bits a channel",
        )
    flat = on_white(_in_srgb(shown, picture))
    return np.asarray(flat if flat.size == size else flat.resize(size, Image.Resampling.LANCZOS))


def prepare_mask(path: str, size: tuple[int, int]) -> Picture:
    """Read a mask of ``size``'s proportions: its level in all channels, 255 is repainted, 0 is kept.

    Raises:
        InputError: it cannot be read; has other proportions or another mode; or leaves nothing to repaint, or to keep.
    """
    shown, mask = _read(path, size)
    if mask.mode not in _MASKS:
        raise InputError(
            f"{shown} has mode {mask.mode}, a mask is {' or '.join(_MASKS)}",
            remedy="save white on black with 8 bits a channel, without transparency or palette",
        )
    level = np.asarray(mask.convert("L").resize(size, Image.Resampling.BOX))
    if level.max() < HALF:
        raise InputError(f"{shown} repaints nothing: no pixel of it is white", remedy="paint white what shall change")
    if level.min() == 255:
        raise InputError(f"{shown} repaints everything: all of it is white", remedy="leave start.mask out")
    return np.repeat(level[..., None], 3, axis=2)


def _read(path: str, size: tuple[int, int]) -> tuple[str, Image.Image]:
    """Name and picture. A side may be off by one pixel, as rounding leaves it."""
    shown = os.path.basename(path)
    as_ordered = f"{size[0]} x {size[1]} px"
    picture = upright_picture(path, shown, f"give a smaller copy; it is used at {as_ordered}")
    if abs(picture.height - picture.width * size[1] / size[0]) > 1:
        raise InputError(
            f"{shown} is {picture.width} x {picture.height} px, and the brief's size is {as_ordered}",
            remedy="crop it to the proportions of that size",
        )
    return shown, picture


def _in_srgb(shown: str, picture: Image.Image) -> Image.Image:
    """RGBA, out of the colour space that an embedded ICC profile names; without one the picture is in sRGB."""
    profile, rgba = picture.info.get("icc_profile"), picture.convert("RGBA")
    if not profile:
        return rgba
    try:
        converted = ImageCms.profileToProfile(
            picture.convert("L" if picture.mode in _GREY else "RGB"),
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError) as error:
        raise InputError(
            f"{shown} has a colour profile that cannot be used: {error}", remedy="save it in sRGB"
        ) from error
    assert converted is not None  # it is only where the picture itself is changed
    converted.putalpha(rgba.getchannel("A"))
    return converted
