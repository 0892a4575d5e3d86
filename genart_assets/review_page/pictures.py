"""Reads pictures for the page: full size, small for the grid, or a placeholder that says why there is none."""

from __future__ import annotations

import io
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from PIL import Image

from genart_assets.storage.images import ImageStore
from genart_assets.storage.root import Storage

THUMBNAIL_SIDE = 384
"""Longest side in px; the grid's largest tile has 320."""
BATCHES_CACHED, THUMBNAILS_CACHED = 64, 2000


@dataclass(frozen=True)
class File:
    """A file for the browser."""

    data: bytes
    media_type: str


class Pictures:
    """The images of finished batches. Safe to share between threads; the most recently used stay in memory."""

    def __init__(self, storage: Storage) -> None:
        self._images = lru_cache(BATCHES_CACHED)(lambda batch: ImageStore(storage, batch).open())
        self._thumbnail = lru_cache(THUMBNAILS_CACHED)(lambda batch, recipe_id: _reduced(self.full(batch, recipe_id)))

    def full(self, batch: str, recipe_id: str) -> File:
        """The stored PNG.

        Raises:
            StorageError: it is missing, has changed, or was never rendered.
        """
        return File(self._images(batch).file_of(recipe_id), "image/png")

    def thumbnail(self, batch: str, recipe_id: str) -> File:
        """The picture at 384 px or less: the PNG itself if it is small, otherwise WebP. Raises as ``full``."""
        return self._thumbnail(batch, recipe_id)


def _reduced(file: File) -> File:
    with Image.open(io.BytesIO(file.data), formats=["PNG"]) as image:
        if max(image.size) <= THUMBNAIL_SIDE:
            return file
        image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2.0)
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=82, method=0)
        return File(buffer.getvalue(), "image/webp")


def placeholder(reason: str) -> File:
    """An SVG that says why there is no picture."""
    lines = textwrap.wrap(reason, 38, max_lines=9, placeholder=" …") or [""]
    top = 150 - 9 * len(lines)
    text = "".join(f'<tspan x="160" y="{top + 40 + 18 * k}">{escape(line)}</tspan>' for k, line in enumerate(lines))
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="320" viewBox="0 0 320 320">'
        '<rect width="320" height="320" fill="#2a2023"/>'
        '<g fill="#f0a08c" font-family="system-ui, sans-serif" font-size="13" text-anchor="middle">'
        f'<text x="160" y="{top + 6}" font-size="16" font-weight="600">no image</text><text>{text}</text></g></svg>'
    )
    return File(svg.encode(), "image/svg+xml")
