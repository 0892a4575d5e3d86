"""What a deliverable format is: one function, registered in the entry point group ``genart_assets.deliverables``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

from PIL import Image


@dataclass(frozen=True)
class Encoded:
    data: bytes
    suffix: str
    """File name suffix without the dot, lower-case letters and digits, for example ``png``."""


class Deliverable(Protocol):
    def __call__(self, picture: Image.Image, xmp: str, text: dict[str, str]) -> Encoded:
        """Encode an RGB picture, already at its delivered size, with its metadata.

        ``xmp`` is a whole XMP packet; ``text`` are key to value pairs for formats with text chunks of their own (PNG).
        The same input gives the same bytes: no clock, no random ids. It is called from several threads.
        """
        ...


Function = TypeVar("Function", bound=Deliverable)


def scalable(encode: Function) -> Function:
    """Marks a format that has no pixels: it is encoded once an image, from the picture as rendered."""
    encode.__dict__["scalable"] = True
    return encode


def is_scalable(encode: Deliverable) -> bool:
    return bool(getattr(encode, "scalable", False))
