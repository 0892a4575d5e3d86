"""The kinds of file that are signed, and how a manifest store lies in each."""

from __future__ import annotations

import base64
import zlib

from genart_assets.errors import GenartError

PNG, SVG = "image/png", "image/svg+xml"
WEBP, AVIF, JPEG = "image/webp", "image/avif", "image/jpeg"
MEDIA_TYPES = {"png": PNG, "webp": WEBP, "avif": AVIF, "jpg": JPEG, "svg": SVG}
"""Media types of the files that are signed, by file name suffix; others have no place for a manifest."""


def media_type_of(data: bytes) -> str | None:
    """The media type by what the file begins with; None if it is none of those that are signed."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data[4:8] == b"ftyp" and b"avif" in data[8:64]:
        return AVIF
    return SVG if data.lstrip()[:5] in (b"<?xml", b"<svg ") else None


def exchanged(data: bytes, media_type: str, old: bytes, new: bytes) -> bytes:
    """The file with the manifest store ``new``, of the same length, in place of ``old``. GenartError if ``old`` does
    not lie in it in one piece.
    """
    if media_type == SVG:
        old, new = base64.b64encode(old), base64.b64encode(new)
    if media_type == PNG:
        old, new = (b"caBX" + store + zlib.crc32(b"caBX" + store).to_bytes(4) for store in (old, new))
    if data.count(old) != 1:
        raise GenartError(
            f"the {len(old):,} bytes of a C2PA manifest do not lie in one piece in a file of {media_type}",
            remedy="Shorten the certificate chain to what is needed: a JPEG holds 64 KB in one piece.",
        )
    return data.replace(old, new)
