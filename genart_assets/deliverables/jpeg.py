"""JPEG: lossy, for whatever reads nothing else."""

from __future__ import annotations

import io

from PIL import Image

from genart_assets.deliverables.protocol import Encoded, begins_with, declares, pillow_picture, pillow_xmp
from genart_assets.errors import GenartError

QUALITY = 92
XMP_LIMIT = 65_533 - len(b"http://ns.adobe.com/xap/1.0/\x00")
"""Bytes of XMP that one JPEG segment holds."""


@declares(
    media_type="image/jpeg",
    recognises=begins_with(b"\xff\xd8\xff"),
    read_xmp=pillow_xmp("JPEG"),
    read_picture=pillow_picture("JPEG"),
    can_be_signed=True,
)
def encode_jpeg(picture: Image.Image, xmp: str, text: dict[str, str]) -> Encoded:
    """Progressive, full colour resolution (4:4:4). ``text`` has no place in JPEG; the XMP packet says the same.

    GenartError if the packet is longer than JPEG can hold: a truncated recipe would be worse than none.
    """
    packet = xmp.encode()
    if len(packet) > XMP_LIMIT:
        raise GenartError(
            f"the recipe's XMP packet has {len(packet):,} bytes, a JPEG holds {XMP_LIMIT:,}",
            remedy="shorten the prompts, or take jpeg out of deliver.formats: png, webp, avif and svg hold any length",
        )
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, subsampling="4:4:4", optimize=True, progressive=True, xmp=packet)
    return Encoded(buffer.getvalue(), "jpg")
