from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.errors import InputError
from genart_assets.from_image.generation_metadata import FoundLora, GenerationMetadata
from genart_assets.from_image.invokeai import read_invokeai
from genart_assets_tests.from_image.foreign_json import FOREIGN
from genart_assets_tests.from_image.pictures import INVOKEAI


def read(content: object) -> GenerationMetadata:
    found = read_invokeai({"invokeai_metadata": json.dumps(content)}, "a.png")
    assert found
    return found


def test_everything_that_a_brief_can_hold_is_read() -> None:
    assert read(INVOKEAI) == GenerationMetadata(
        tool="InvokeAI",
        prompt="a lighthouse at dusk",
        negative_prompt="blurry",
        size=(1024, 768),
        sampler="dpmpp_2m_k",
        steps=30,
        guidance=5.5,
        guidance_rescale=0.7,
        seed="42",
        model="Harbour XL",
        model_hash="blake3:00ff",
        loras=(FoundLora(name="inkline", scale=0.6),),
    )


def test_the_third_release_named_its_models_otherwise() -> None:
    old = {"model": {"model_name": "sd15"}, "loras": [{"lora": {"model_name": "ink"}, "weight": 0.5}], "clip_skip": 1}
    found = read(INVOKEAI | old)
    assert (found.model, found.loras, found.left_out) == ("sd15", (FoundLora(name="ink", scale=0.5),), ("clip_skip",))


def test_other_pictures_are_not_its_own() -> None:
    assert read_invokeai({"parameters": "{}"}, "a.png") is None


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*INVOKEAI, "init_image"]), FOREIGN))
def test_no_value_breaks_it(content: dict[str, object]) -> None:
    read(content)


def test_damaged_metadata_is_named() -> None:
    with pytest.raises(InputError, match=r"a\.png: its metadata 'invokeai_metadata' is damaged"):
        read_invokeai({"invokeai_metadata": '{"positive_prompt": "a'}, "a.png")
