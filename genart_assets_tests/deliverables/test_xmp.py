from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from genart_assets.deliverables.xmp import (
    COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA,
    NAMESPACES,
    TRAINED_ALGORITHMIC_MEDIA,
    genart_properties,
    packet_of,
)
from genart_assets.errors import InputError
from genart_assets.records.base import canonical_json, sha256_hex
from genart_assets.records.recipe import RecipeStart
from genart_assets_tests.deliverables.samples import embedded, recipe

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(texts)
@example("]]> <!DOCTYPE x> &amp; \"' <?xpacket end='w'?> -->")
@example("\x00\x07\x1b\ufffe\uffff\x7f\u2028 🍓 ن")
def test_any_prompt_comes_back_exactly_with_its_recipe_id(prompt: str) -> None:
    made = recipe(prompt)
    properties = genart_properties(packet_of(embedded(made)).encode())
    read = json.loads(properties["recipe"])
    assert read["prompt"] == prompt
    assert sha256_hex(canonical_json(read)) == made.recipe_id == properties["recipe_id"]


def test_a_packet_says_who_what_and_that_a_model_made_it() -> None:
    made = recipe("a <red> apple")
    packet = packet_of(embedded(made))
    root = ET.fromstring(packet)
    assert root.findtext(".//dc:creator/rdf:Seq/rdf:li", namespaces=NAMESPACES) == "genart-assets"
    assert root.findtext(".//dc:description/rdf:Alt/rdf:li", namespaces=NAMESPACES) == "a <red> apple"
    names = ("DigitalSourceType", "AISystemUsed", "AISystemVersionUsed", "AIPromptInformation")
    of_iptc = [root.findtext(f".//Iptc4xmpExt:{name}", namespaces=NAMESPACES) for name in names]
    said = embedded(made)
    prompt = "a <red> apple; excludes: blurry"
    assert of_iptc == [TRAINED_ALGORITHMIC_MEDIA, said.model, said.model_snapshot, prompt]
    assert packet.startswith('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>')
    assert packet.endswith('<?xpacket end="r"?>')


def test_a_picture_made_of_another_one_is_a_composite() -> None:
    made = recipe(start=RecipeStart(image="ef" * 32, strength=0.5))
    root = ET.fromstring(packet_of(embedded(made)))
    assert root.findtext(".//Iptc4xmpExt:DigitalSourceType", namespaces=NAMESPACES) == (
        COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA
    )


def test_all_facts_stand_in_the_packet() -> None:
    made = embedded(recipe())
    properties = genart_properties(packet_of(made).encode())
    assert properties == {k: str(v) for k, v in made.model_dump(exclude={"prompt"}).items()}


def test_equal_records_give_equal_packets() -> None:
    assert packet_of(embedded(recipe())) == packet_of(embedded(recipe()))


def test_a_document_type_is_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(InputError, match="document type"):
        genart_properties(bomb)


def test_damaged_xml_is_named() -> None:
    with pytest.raises(InputError, match="damaged"):
        genart_properties(packet_of(embedded(recipe())).encode()[:-200])
