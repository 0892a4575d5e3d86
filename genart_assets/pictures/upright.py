"""Reads a picture file completely and turns it upright, or refuses it and says what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from genart_assets.errors import InputError

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF")
MAX_PIXELS = 16_000_000
_WITH_COMPANIONS = "MPO"
"""A JPEG whose first picture is the photograph; maps of depth or brightness, or another view, follow it."""


def upright_picture(path: str | Path, shown: str, smaller: str) -> Image.Image:
    """The picture in a file, in its own mode, turned as its EXIF orientation says.

    ``shown`` is its name in messages, ``smaller`` the remedy if it is too large.

    Raises:
        InputError: it is missing, damaged or not a PNG, JPEG, WebP or AVIF, has more than 16 million pixels,
            or is animated.
    """
    if not os.path.isfile(path):
        raise InputError(f"{shown} is not a readable picture: there is no such file", remedy="correct the path")
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InputError(
                    f"{shown} has {image.width} x {image.height} px, at most {MAX_PIXELS:,} are allowed", remedy=smaller
                )
            frames: int = 1 if image.format == _WITH_COMPANIONS else getattr(image, "n_frames", 1)
            if frames > 1:
                raise InputError(
                    f"{shown} is an animation of {frames} frames",
                    remedy="save one of its frames as a picture",
                )
            return ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise InputError(
            f"{shown} is not a readable picture: {error}", remedy=f"give an intact {', '.join(FORMATS)} file"
        ) from error


def on_white(picture: Image.Image) -> Image.Image:
    """An RGBA picture on a white background, in RGB."""
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
