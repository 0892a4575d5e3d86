from __future__ import annotations

import base64

import pytest

from genart_assets.pictures.contact_sheet import contact_sheet
from genart_assets.pictures.markdown_picture import markdown_picture


def test_a_picture_becomes_one_line_of_markdown() -> None:
    sheet = contact_sheet([])
    text = markdown_picture(sheet, "batch [1]\n(first)")
    assert text.startswith("![batch  1  (first)](data:image/webp;base64,")
    assert base64.b64decode(text.partition("base64,")[2].removesuffix(")")) == sheet


def test_the_media_type_can_be_named() -> None:
    assert markdown_picture(b"<svg/>", "plot", "image/svg+xml").startswith("![plot](data:image/svg+xml;")


def test_an_unknown_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="media type"):
        markdown_picture(b"<svg/>", "plot")
