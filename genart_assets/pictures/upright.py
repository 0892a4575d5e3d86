"""A picture file as people see it: read whole, upright, or refused with what is wrong with it."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from genart_assets.errors import InputError

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF")
MAX_PIXELS = 16_000_000
_WITH_COMPANIONS = "MPO"
"""A JPEG whose first picture is the photograph; behind it lie maps of depth or brightness, or another view."""


def upright_picture(path: str | Path, shown: str, smaller: str) -> Image.Image:
    """The picture in a file, in the mode that it has there, turned as its EXIF orientation says.

    ``shown`` is what messages call it, ``smaller`` the remedy where it is too large.

    Raises:
        InputError: it is missing, damaged, no PNG, JPEG, WebP or AVIF picture, has more than 16 million pixels,
            or is animated.
    """
    if not os.path.isfile(path):
        raise InputError(f"{shown} is no readable picture: there is no such file", remedy="correct the path")
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
                    remedy="save the one that is meant as a picture of its own",
                )
            return ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise InputError(
            f"{shown} is no readable picture: {error}", remedy=f"give an intact {', '.join(FORMATS)} file"
        ) from error


def on_white(picture: Image.Image) -> Image.Image:
    """RGB of an RGBA picture, white where that is transparent."""
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
