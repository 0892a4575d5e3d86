from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from genart_assets.deliverables.svg import COLOURS, encode_svg, flattened
from genart_assets.deliverables.xmp import genart_properties, packet_of
from genart_assets_tests.deliverables.samples import embedded, icon, recipe

SVG = "{http://www.w3.org/2000/svg}"


def test_svg_is_traced_paths_at_the_pictures_size_with_xmp_in_its_metadata() -> None:
    made = recipe("]]> & <кот>")
    encoded = encode_svg(icon(), packet_of(embedded(made)), {})
    root = ET.fromstring(encoded.data)
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("64", "64", "0 0 256 256")
    fills = {path.get("fill") for path in root.iter(f"{SVG}path")}
    assert 4 <= len(fills) <= COLOURS
    assert root.find(f"{SVG}metadata") is not None
    assert genart_properties(encoded.data)["recipe_id"] == made.recipe_id
    assert encoded.suffix == "svg"


@pytest.mark.parametrize(
    ("size", "traced"), [((64, 48), (256, 192)), ((100, 100), (300, 300)), ((512, 256), (512, 256))]
)
def test_small_pictures_are_enlarged_by_a_whole_factor(size: tuple[int, int], traced: tuple[int, int]) -> None:
    flat = flattened(icon(size=size))
    assert flat.size == traced
    colours = flat.getcolors(COLOURS)
    assert colours is not None


def test_a_picture_of_one_colour_becomes_one_path() -> None:
    root = ET.fromstring(encode_svg(Image.new("RGB", (64, 64), (30, 150, 150)), packet_of(embedded(recipe())), {}).data)
    assert [path.get("fill") for path in root.iter(f"{SVG}path")] == ["#1E9696"]
