"""Draws many pictures on one sheet, small enough to be embedded in a page."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from genart_assets.pictures.captions import caption_font, wrapped

PAPER, INK = "#f6f7f9", "#23272e"
PASSED, FAILED = "#1f9d55", "#d92c2c"
FRAME, GAP, LINE, LINES = 3, 6, 13, 2
"""px: width of a verdict's frame, space between cells, height of a line; lines of a caption."""
MOST_COLUMNS = 12
MAX_BYTES = 150_000
QUALITIES = (85, 70, 50, 30, 10)


def contact_sheet(
    pictures: Sequence[npt.NDArray[np.uint8]],
    *,
    columns: int | None = None,
    captions: Sequence[str] | None = None,
    verdicts: Sequence[bool | None] | None = None,
    side: int = 64,
    narrowest: int = 0,
    max_bytes: int = MAX_BYTES,
) -> bytes:
    """A WebP sheet of sRGB pictures ``uint8 [height, width, 3]``, whose longest sides are at most ``side`` px.

    Small pictures are not enlarged. By default ``columns`` is about twice the number of rows, and at most 12. A picture
    that passed has a green frame, one that failed a red frame with a filled corner, one without a verdict no frame.
    ``captions`` are below the pictures, in up to two lines; cells are at least ``narrowest`` px wide to give them room.
    A sheet without pictures says so. The WebP quality falls from 85 until the sheet fits ``max_bytes``, but not below
    10. Equal input gives equal bytes. ValueError if there is not one caption or verdict per picture.
    """
    for name, given in (("captions", captions), ("verdicts", verdicts)):
        if given is not None and len(given) != len(pictures):
            raise ValueError(f"{len(given)} {name} for {len(pictures)} pictures")
    if not pictures:
        return _small(_empty_sheet(), max_bytes)
    side = min(side, max(max(picture.shape[:2]) for picture in pictures))
    columns = min(len(pictures), columns or min(MOST_COLUMNS, math.ceil(math.sqrt(2 * len(pictures)))))
    rows = math.ceil(len(pictures) / columns)
    cell = side + 2 * FRAME
    width = max(cell, narrowest)
    pitch_x, pitch_y = width + GAP, cell + GAP + (LINES * LINE + 2 if captions else 0)
    sheet = Image.new("RGB", (columns * pitch_x + GAP, rows * pitch_y + GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    for k, picture in enumerate(pictures):
        left, top = GAP + k % columns * pitch_x, GAP + k // columns * pitch_y
        thumbnail = Image.fromarray(picture)
        thumbnail.thumbnail((side, side), Image.Resampling.LANCZOS)
        x, y = left + (width - thumbnail.width) // 2, top + (cell - thumbnail.height) // 2
        verdict = verdicts[k] if verdicts is not None else None
        if verdict is not None:
            _frame(draw, x, y, thumbnail.size, PASSED if verdict else FAILED)
        sheet.paste(thumbnail, (x, y))
        if verdict is not None and not verdict:
            _corner(draw, x + thumbnail.width, y, max(8, side // 5))
        if captions is not None:
            _caption(draw, captions[k], left + width // 2, top + cell, width + GAP - 2)
    return _small(sheet, max_bytes)


def _empty_sheet() -> Image.Image:
    sheet = Image.new("RGB", (120, 32), PAPER)
    ImageDraw.Draw(sheet).text((60, 16), "no images", font=caption_font(13), fill=INK, anchor="mm")
    return sheet


def _frame(draw: ImageDraw.ImageDraw, x: int, y: int, size: tuple[int, int], colour: str) -> None:
    """Draw a rectangle that is wider than the thumbnail at ``x``, ``y`` by the frame on every side."""
    draw.rectangle((x - FRAME, y - FRAME, x + size[0] + FRAME - 1, y + size[1] + FRAME - 1), fill=colour)


def _corner(draw: ImageDraw.ImageDraw, right: int, top: int, reach: int) -> None:
    """Fill a corner, so that a failure can be seen without telling red from green."""
    draw.polygon([(right - reach, top), (right, top), (right, top + reach)], fill=FAILED)


def _caption(draw: ImageDraw.ImageDraw, text: str, middle: int, top: int, width: int) -> None:
    font = caption_font(11)
    for n, line in enumerate(wrapped(text, font, width, LINES)):
        draw.text((middle, top + 1 + n * LINE), line, font=font, fill=INK, anchor="ma")


def _small(sheet: Image.Image, max_bytes: int) -> bytes:
    data = b""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        sheet.save(buffer, "WEBP", quality=quality, method=4)
        data = buffer.getvalue()
        if len(data) <= max_bytes:
            break
    return data
