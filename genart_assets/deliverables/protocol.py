"""What a deliverable format is: one function that declares what it makes, so that its files can be read and signed."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from PIL import Image


@dataclass(frozen=True)
class Encoded:
    """One file, before it is signed."""

    data: bytes
    suffix: str
    """File name suffix without the dot, lower-case letters and digits, for example ``png``."""


class Deliverable(Protocol):
    """Registered under the format's name in the entry point group ``genart_assets.deliverables``; see `declares`."""

    def __call__(self, picture: Image.Image, xmp: str, text: dict[str, str]) -> Encoded:
        """Encode an RGB picture, already at its delivered size, with its metadata.

        ``xmp`` is a whole XMP packet; ``text`` are key to value pairs for formats with text chunks of their own (PNG).
        The same input gives the same bytes: no clock, no random ids. It is called from several threads.
        """
        ...


@dataclass(frozen=True)
class Declared:
    """What a format says of the files that it makes."""

    media_type: str
    """As IANA registers it, for example ``image/png``; two formats that make the same kind of file say the same."""
    recognises: Callable[[bytes], bool]
    """Whether a file is of this kind, by its first 64 bytes or more."""
    read_xmp: Callable[[bytes], bytes]
    """The XMP packet in a file, or a document that holds it; empty if there is none. OSError, ValueError or SyntaxError
    if the file is damaged."""
    read_picture: Callable[[bytes], Image.Image] | None
    """The picture in a file; None if the format has no pixels, so that one file serves every size."""
    can_be_signed: bool
    """Whether a C2PA manifest has a place in its files. Where deliveries are signed, no other format is delivered."""

    @property
    def scalable(self) -> bool:
        """Whether the format has no pixels: it is encoded once an image, from the picture as rendered."""
        return self.read_picture is None


Function = TypeVar("Function", bound=Deliverable)
_DECLARED = "declared"


def declares(
    *,
    media_type: str,
    recognises: Callable[[bytes], bool],
    read_xmp: Callable[[bytes], bytes],
    read_picture: Callable[[bytes], Image.Image] | None,
    can_be_signed: bool,
) -> Callable[[Function], Function]:
    """Marks a function as a deliverable format, with what it says of its files.

    >>> import io
    >>> from genart_assets.extend import Encoded, declares, pillow_picture, pillow_xmp
    >>> @declares(
    ...     media_type="image/tiff",
    ...     recognises=lambda start: start.startswith(b"II*"),
    ...     read_xmp=pillow_xmp("TIFF"),
    ...     read_picture=pillow_picture("TIFF"),
    ...     can_be_signed=False,
    ... )
    ... def encode_tiff(picture, xmp, text):
    ...     buffer = io.BytesIO()
    ...     picture.save(buffer, "TIFF", tiffinfo={700: xmp.encode()})
    ...     return Encoded(buffer.getvalue(), "tif")
    >>> from genart_assets.extend.kit import check_format
    >>> check_format(encode_tiff)
    """
    declared = Declared(media_type, recognises, read_xmp, read_picture, can_be_signed)

    def mark(encode: Function) -> Function:
        encode.__dict__[_DECLARED] = declared
        return encode

    return mark


def declared_by(encode: Any) -> Declared | None:
    """What a format's function declares; None if it declares nothing."""
    found = getattr(encode, _DECLARED, None)
    return found if isinstance(found, Declared) else None


def begins_with(*beginnings: bytes) -> Callable[[bytes], bool]:
    """Recognises files by what they begin with."""
    return lambda start: start.startswith(beginnings)


def pillow_xmp(format: str) -> Callable[[bytes], bytes]:
    """Reads the XMP packet as Pillow finds it in files of one of its formats, for example ``PNG``."""

    def read(data: bytes) -> bytes:
        with Image.open(io.BytesIO(data), formats=(format,)) as image:
            packet = image.info.get("xmp", b"")
        return packet if isinstance(packet, bytes) else str(packet).encode()

    return read


def pillow_picture(format: str) -> Callable[[bytes], Image.Image]:
    """Reads the picture as Pillow does, from files of one of its formats."""

    def read(data: bytes) -> Image.Image:
        image = Image.open(io.BytesIO(data), formats=(format,))
        image.load()
        return image

    return read
