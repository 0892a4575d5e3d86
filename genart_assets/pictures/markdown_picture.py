"""Embeds a picture in Markdown, without a separate file."""

from __future__ import annotations

import base64
import re

_SIGNATURES = {b"\x89PNG": "image/png", b"RIFF": "image/webp", b"\xff\xd8\xff": "image/jpeg"}
_MARKUP = re.compile(r"[\[\]\\`<>\r\n]")


def markdown_picture(data: bytes, alt: str, mime: str | None = None) -> str:
    """``![alt](data:…)`` with an encoded picture; PNG, WebP and JPEG do not need ``mime``.

    Characters of ``alt`` that are Markdown markup become spaces. ValueError for an unknown picture without ``mime``.
    """
    known = mime or next((name for signature, name in _SIGNATURES.items() if data.startswith(signature)), None)
    if known is None:
        raise ValueError(f"a PNG, WebP or JPEG does not start with {data[:4]!r}: name its media type")
    return f"![{_MARKUP.sub(' ', alt)}](data:{known};base64,{base64.b64encode(data).decode()})"
