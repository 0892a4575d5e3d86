from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from genart_assets.deliverables.embedded import text_chunks
from genart_assets.deliverables.formats import find_format
from genart_assets.deliverables.read_back import read_properties, read_recipe
from genart_assets.deliverables.xmp import packet_of
from genart_assets.errors import InputError
from genart_assets.records.recipe import Recipe
from genart_assets_tests.deliverables.samples import FORMATS, embedded, icon, recipe


def encoded(name: str, made: Recipe, xmp: str | None = None) -> bytes:
    facts = embedded(made)
    return find_format(name).encode(icon(), packet_of(facts) if xmp is None else xmp, text_chunks(facts, made)).data


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_recipe_back(name: str, tmp_path: Path) -> None:
    made = recipe('"glossy" kiwi & <fruit>\n🥝 \x07 ]]>')
    data = encoded(name, made)
    (tmp_path / "delivered").write_bytes(data)
    assert read_recipe(data) == read_recipe(tmp_path / "delivered") == json.loads(made.canonical())
    assert Recipe.model_validate(read_recipe(data)) == made
    assert Recipe.model_validate(read_recipe(data)).recipe_id == made.recipe_id
    assert read_properties(data)["batch"] == "spring-market.0123456789.r0.0000"


@pytest.mark.parametrize("name", FORMATS)
def test_a_changed_recipe_is_found(name: str) -> None:
    made = recipe(seed=1234567)
    forged = packet_of(embedded(made)).replace("1234567", "1234568")
    with pytest.raises(InputError, match="was changed"):
        read_recipe(encoded(name, made, forged))


def test_a_picture_without_metadata_is_named(tmp_path: Path) -> None:
    plain = tmp_path / "plain.png"
    icon().save(plain)
    with pytest.raises(InputError, match=r"plain\.png holds no XMP"):
        read_recipe(plain)


def test_xmp_of_another_program_holds_no_recipe() -> None:
    buffer = io.BytesIO()
    icon().save(buffer, "WEBP", xmp=b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    with pytest.raises(InputError, match="holds no recipe"):
        read_recipe(buffer.getvalue())


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\nshort", b"<svg "])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_recipe(data)


def test_formats_that_are_never_delivered_are_not_decoded() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "TIFF")
    with pytest.raises(InputError, match="is not a readable picture"):
        read_recipe(buffer.getvalue())
