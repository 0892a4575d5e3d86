from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from genart_assets.extend import FORMATS, Encoded, begins_with, declares, pillow_picture, pillow_xmp
from genart_assets.extend.kit import CheckFailed, check_format


@pytest.mark.parametrize("name", ["png", "webp", "jpeg", "avif", "svg"])
def test_shipped_formats_pass(name: str) -> None:
    check_format(FORMATS.find(name))


def tiff(picture: Image.Image, xmp: str, text: dict[str, str]) -> Encoded:
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF", tiffinfo={700: xmp.encode()})
    return Encoded(buffer.getvalue(), "tif")


def check(encode: Callable[..., Encoded] = tiff, **changes: Any) -> None:
    fields = {
        "media_type": "image/tiff",
        "recognises": begins_with(b"II*"),
        "read_xmp": pillow_xmp("TIFF"),
        "read_picture": pillow_picture("TIFF"),
        "can_be_signed": True,
    }
    check_format(declares(**{**fields, **changes})(lambda picture, xmp, text: encode(picture, xmp, text)))


def test_a_format_of_ones_own_passes_signed_and_unsigned() -> None:
    check()
    check(can_be_signed=False)


def png(picture: Image.Image, xmp: str, text: dict[str, str]) -> Encoded:
    return FORMATS.find("png")(picture, xmp, text)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"encode": lambda *given: Encoded(tiff(*given).data + os.urandom(4), "tif")}, "not get the same bytes every"),
        ({"encode": lambda *given: Encoded(tiff(*given).data, "TIF")}, "has the suffix 'TIF'"),
        ({"encode": lambda picture, xmp, text: tiff(picture.resize((8, 8)), xmp, text)}, "is read back with 8 x 8 px"),
        ({"encode": lambda picture, xmp, text: tiff(picture.point(lambda v: 255 - v), xmp, text)}, "levels off"),
        ({"encode": lambda picture, xmp, text: tiff(picture, xmp[:200], text)}, "read_xmp gives a damaged packet"),
        ({"encode": lambda picture, xmp, text: tiff(picture, "<x/>", text)}, "does not say what was embedded"),
        ({"read_xmp": lambda data: b""}, "finds no XMP packet"),
        ({"recognises": begins_with(b"MM")}, "recognises says no to its own file"),
        ({"recognises": lambda start: True}, "recognises says yes to a file that is no picture"),
        ({"media_type": "tiff"}, "give one like image/png"),
        ({"media_type": "image/bmp"}, "it declares that its files can be signed, and they cannot"),
        (
            {"encode": png, "recognises": begins_with(b"\x89PNG"), "read_xmp": pillow_xmp("PNG")},
            "its files are taken for image/png and it declares image/tiff",
        ),
    ],
)
def test_a_format_that_breaks_a_rule_is_found(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(CheckFailed, match=says):
        check(**changes)


def test_a_function_that_declares_nothing_is_found() -> None:
    with pytest.raises(CheckFailed, match=r"declares nothing; decorate it with genart_assets\.extend\.declares"):
        check_format(tiff)
