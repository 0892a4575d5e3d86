"""Reads the texts inside a picture file: PNG text chunks, EXIF comments, and the XMP packet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageFile
from PIL.ExifTags import IFD, Base

from genart_assets.errors import InputError
from genart_assets.from_image.generation_metadata import DAMAGED
from genart_assets.records.base import Record

PIXEL_FORMATS = ("PNG", "WEBP", "AVIF", "JPEG")
"""What other tools save, by Pillow's names."""
MEDIA_TYPES = frozenset(f"image/{name.lower()}" for name in PIXEL_FORMATS)
MAX_TEXT = 4 * 2**20
"""Most characters of one text; the largest workflows have a few hundred thousand."""
_COMMENT_CODES = {b"ASCII\0\0\0": "latin-1", b"UNICODE\0": "utf-16-be", b"\0" * 8: "utf-8"}
_KEY_IN_TEXT = re.compile(r"\s{0,9}(prompt|workflow):\s{0,9}(?=\{)", re.IGNORECASE)


class PictureTexts(Record):
    """The texts and the size of a picture."""

    texts: dict[str, str]
    """Texts by the name of their PNG chunk, or of the chunk that a PNG would have."""
    xmp: bytes
    size: tuple[int, int]
    """Width and height in px."""


def texts_of(path: Path) -> PictureTexts:
    """All texts of a picture. The file is read to its end, since texts of a PNG may follow the pixels.

    Raises:
        InputError: it is not a PNG, WebP, AVIF or JPEG, it is cut off, has too many pixels, or a text is too long.
    """
    try:
        with Image.open(path, formats=PIXEL_FORMATS) as image:
            image.load()
            texts = {str(name): value for name, value in image.info.items() if isinstance(value, str)}
            texts |= {name: value for name, value in _exif_texts(image) if name not in texts}
            xmp, size = image.info.get("xmp", b""), image.size
    except Image.UnidentifiedImageError as error:
        raise InputError(f"{path} is not a readable picture", remedy="give a PNG, WebP, AVIF or JPEG") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        remedy = "give the whole file, as the tool wrote it"
        raise InputError(f"{path} cannot be read to its end: {error}", remedy=remedy) from error
    for name, value in texts.items():
        if len(value) > MAX_TEXT:
            raise InputError(
                f"{path}: its metadata {name!a:.40} has {len(value):,} characters, at most {MAX_TEXT:,} are allowed",
                remedy=DAMAGED,
            )
    return PictureTexts(texts=texts, xmp=xmp if isinstance(xmp, bytes) else b"", size=size)


def _exif_texts(image: ImageFile.ImageFile) -> Iterator[tuple[str, str]]:
    """The texts that JPEG, WebP and AVIF hold in EXIF, under the names of the PNG chunks.

    The web UIs write ``parameters`` as a user comment, Fooocus outside the EXIF directory. ComfyUI writes two texts,
    ``prompt:{…}`` and ``workflow:{…}``; the tags depend on the node that saves the picture.
    """
    exif = image.getexif()
    for comment in (exif.get_ifd(IFD.Exif).get(Base.UserComment), exif.get(Base.UserComment)):
        if decoded := _decoded(comment):
            yield "parameters", decoded
    for value in exif.values():
        if isinstance(value, str) and (match := _KEY_IN_TEXT.match(value)):
            yield match[1].lower(), value[match.end() :].rstrip("\0")


def _decoded(comment: object) -> str:
    if isinstance(comment, str):
        return comment.strip("\0 ")
    if not isinstance(comment, bytes):
        return ""
    code = _COMMENT_CODES.get(comment[:8])
    content = comment[8:] if code else comment
    if code == "utf-16-be" and content[1::2].count(0) > content[0::2].count(0):
        code = "utf-16-le"  # EXIF uses the file's byte order, but the web UIs always write big endian
    return content.decode(code or "utf-8", errors="replace").strip("\0 ")
