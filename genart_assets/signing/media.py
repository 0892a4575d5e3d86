"""The kinds of file that are signed, and how a manifest store lies in each."""

from __future__ import annotations

import base64
import zlib
from functools import cache

from genart_assets.deliverables.formats import SHIPPED, DeliverableFormat, format_of
from genart_assets.errors import GenartError

PNG, SVG = "image/png", "image/svg+xml"
REMEDY = "take the format out of deliver.formats: whoever needs such files can make them of signed ones"


def media_type_of(data: bytes) -> str | None:
    """The media type by what the file begins with; None if no installed format makes such files and signs them."""
    form = format_of(data)
    return form.declared.media_type if form is not None and form.declared.can_be_signed else None


def unsigned_because(form: DeliverableFormat) -> str:
    """Why a format's files cannot be signed; empty if they can."""
    media_type = form.declared.media_type
    if not form.declared.can_be_signed:
        why = f"it declares that no signature has a place in its files ({media_type})"
    elif form.name not in SHIPPED and media_type not in _known_to_c2pa():
        why = f"c2pa cannot sign files of {media_type}, which it declares"
    else:
        return ""
    return f"deliverable format {form.name!r} cannot be signed, and deliveries are signed here: {why}"


@cache
def _known_to_c2pa() -> frozenset[str]:
    import c2pa

    return frozenset(c2pa.Builder.get_supported_mime_types())


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
            remedy="shorten the certificate chain to what is needed: a JPEG holds 64 KB in one piece",
        )
    return data.replace(old, new)
