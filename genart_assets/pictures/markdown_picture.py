"""A picture inside markdown, without a file beside it."""

from __future__ import annotations

import base64
import re

_SIGNATURES = {b"\x89PNG": "image/png", b"RIFF": "image/webp", b"\xff\xd8\xff": "image/jpeg"}
_MARKUP = re.compile(r"[\[\]\\`<>\r\n]")


def markdown_picture(data: bytes, alt: str, mime: str | None = None) -> str:
    """``![alt](data:…)`` of an encoded picture; ``mime`` is recognised for PNG, WebP and JPEG.

    Characters of ``alt`` that markdown would read as markup become spaces. ValueError for an unknown picture without
    ``mime``.
    """
    known = mime or next((name for signature, name in _SIGNATURES.items() if data.startswith(signature)), None)
    if known is None:
        raise ValueError(f"no PNG, WebP or JPEG starts with {data[:4]!r}: name its media type")
    return f"![{_MARKUP.sub(' ', alt)}](data:{known};base64,{base64.b64encode(data).decode()})"
