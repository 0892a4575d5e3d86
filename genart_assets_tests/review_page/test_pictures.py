"""Placeholders say why there is no picture, whatever the reason holds."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from genart_assets.review_page.pictures import placeholder

TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))


@given(TEXT)
def test_a_placeholder_is_well_formed(reason: str) -> None:
    svg = ElementTree.fromstring(placeholder(reason).data)
    assert {child.tag.rpartition("}")[2] for child in svg.iter()} <= {"svg", "rect", "g", "text", "tspan"}


def test_a_placeholder_tells_the_reason() -> None:
    text = "".join(ElementTree.fromstring(placeholder("latents are <not> finite").data).itertext())
    assert "latents are <not> finite" in text
