"""Wraps text so that it fits under a thumbnail."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont

ELLIPSIS = "…"
SPACE = "  "  # the font's own space is 2 px wide at 11 px

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache
def caption_font(size: int) -> Font:
    """The font that comes with Pillow, at ``size`` px."""
    return ImageFont.load_default(size)


def wrapped(text: str, font: Font, width: int, lines: int) -> list[str]:
    """``text`` in at most ``lines`` lines of ``width`` px, broken between words if possible, cut with an ellipsis."""
    rest = SPACE.join(text.split())
    made: list[str] = []
    while rest and len(made) < lines:
        fitting = _fitting(rest, font, width)
        if fitting == len(rest):
            return [*made, rest]
        if len(made) == lines - 1:
            return [*made, rest[: _fitting(rest, font, width - int(font.getlength(ELLIPSIS)) - 1)].rstrip() + ELLIPSIS]
        at = rest.rfind(SPACE, 1, fitting + len(SPACE))
        cut = at if at > 0 else fitting
        made.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return made


def _fitting(text: str, font: Font, width: int) -> int:
    """The number of leading characters that fit into ``width`` px; at least one."""
    return next((n for n in range(len(text), 1, -1) if font.getlength(text[:n]) <= width), 1)
