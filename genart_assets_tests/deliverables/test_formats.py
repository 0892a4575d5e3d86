from __future__ import annotations

import pytest

from genart_assets.deliverables.embedded import text_chunks
from genart_assets.deliverables.formats import FORMATS, SHIPPED, find_format, format_of
from genart_assets.deliverables.protocol import Encoded
from genart_assets.deliverables.read_back import read_properties
from genart_assets.deliverables.xmp import packet_of
from genart_assets.errors import GenartError, InputError
from genart_assets_tests.deliverables import samples
from genart_assets_tests.studio_package import StudioPackages, studio

__all__ = ["studio"]

TIFF = """
import io
from genart_assets.deliverables.protocol import Encoded, begins_with, declares, pillow_picture, pillow_xmp

@declares(
    media_type="image/tiff",
    recognises=begins_with(b"II*"),
    read_xmp=pillow_xmp("TIFF"),
    read_picture=pillow_picture("TIFF"),
    can_be_signed=%s,
)
def encode(picture, xmp, text):
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF", tiffinfo={700: xmp.encode()})
    return Encoded(buffer.getvalue(), "tif")
"""


def made(name: str) -> Encoded:
    recipe = samples.recipe()
    said = samples.embedded(recipe)
    return find_format(name).encode(samples.icon(), packet_of(said), text_chunks(said, recipe))


def test_the_formats_of_this_package_are_known() -> None:
    assert set(samples.FORMATS) == set(SHIPPED) <= set(FORMATS.names())
    assert [name for name in samples.FORMATS if find_format(name).scalable] == ["svg"]


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="no deliverable format is called 'jxl'") as caught:
        find_format("jxl")
    assert all(name in caught.value.message for name in samples.FORMATS)


@pytest.mark.parametrize("name", samples.FORMATS)
def test_a_file_is_recognised_by_its_first_bytes(name: str) -> None:
    data = made(name).data
    for given in (data, data[:64]):
        form = format_of(given)
        assert form is not None
        assert form.name == name
    others = {find_format(other).declared.media_type for other in samples.FORMATS if other != name}
    assert find_format(name).declared.media_type not in others


@pytest.mark.parametrize("data", [b"", b"hello", b"RIFF0000WAVE", b"%PDF-1.7"])
def test_other_files_are_of_no_format(data: bytes) -> None:
    assert format_of(data) is None
    with pytest.raises(InputError, match="is not a readable picture"):
        read_properties(data)


@pytest.mark.parametrize("name", ["png", "webp", "avif", "jpeg"])
def test_a_format_reads_its_own_pictures(name: str) -> None:
    read = find_format(name).declared.read_picture
    assert read is not None
    assert read(made(name).data).size == samples.icon().size


def test_another_package_adds_a_format_whose_files_are_read(studio: StudioPackages) -> None:
    studio.install("genart_assets.deliverables", "studio_tiff = studio_package:encode", TIFF % "True")
    assert "studio_tiff" in FORMATS.names()
    data = made("studio_tiff").data
    assert read_properties(data)["recipe_id"] == samples.recipe().recipe_id
    form = format_of(data)
    assert form is not None
    assert form.name == "studio_tiff"


def test_a_format_that_declares_nothing_is_refused(studio: StudioPackages) -> None:
    code = f"from {Encoded.__module__} import Encoded\ndef bmp(picture, xmp, text): return Encoded(b'BM', 'bmp')\n"
    studio.install("genart_assets.deliverables", "studio_bmp = studio_package:bmp", code)
    with pytest.raises(GenartError, match=r"'studio_bmp' .*: it does not declare media type.*genart_assets\.extend"):
        find_format("studio_bmp")


def test_a_format_that_does_not_load_is_named(studio: StudioPackages) -> None:
    studio.install("genart_assets.deliverables", "broken = studio_package:missing", "")
    with pytest.raises(GenartError, match=r"'broken' \(studio_package:missing\) cannot be loaded"):
        find_format("broken")
    assert format_of(made("png").data) == find_format("png")


def test_a_badly_named_format_is_refused(studio: StudioPackages) -> None:
    studio.install("genart_assets.deliverables", "Tiff! = studio_package:encode", TIFF % "True")
    with pytest.raises(GenartError, match="badly registered"):
        find_format("Tiff!")
