from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.errors import InputError
from genart_assets.from_image.fooocus import read_fooocus
from genart_assets.from_image.generation_metadata import FoundLora, GenerationMetadata
from genart_assets_tests.from_image.foreign_json import FOREIGN
from genart_assets_tests.from_image.pictures import FOOOCUS


def read(content: object) -> GenerationMetadata | None:
    return read_fooocus({"parameters": json.dumps(content)}, "a.png")


def test_everything_that_a_brief_can_hold_is_read() -> None:
    assert read(FOOOCUS) == GenerationMetadata(
        tool="Fooocus",
        prompt="a lighthouse at dusk",
        size=(1152, 896),
        sampler="dpmpp_2m_sde_gpu",
        noise_schedule="karras",
        steps=30,
        guidance=4,
        seed="5124052117861",
        model="harbourXL_v9",
        model_hash="aeb7e9e689",
        loras=(FoundLora(name="offset", scale=0.1),),
        left_out=("styles ['Fooocus V2', 'Fooocus Sharp']", "performance Speed", "sharpness 2.0", "adaptive_cfg 7"),
    )


def test_loras_of_older_releases_are_read() -> None:
    found = read({**FOOOCUS, "loras": []})
    assert found
    assert found.loras == (FoundLora(name="offset", scale=0.1),)


@pytest.mark.parametrize("content", [{"prompt": "cat"}, {"sui_image_params": {}}])
def test_other_json_is_not_its_own(content: object) -> None:
    assert read(content) is None


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*FOOOCUS]), FOREIGN))
def test_no_value_breaks_it(content: dict[str, object]) -> None:
    read({"base_model": "m"} | content)


def test_damaged_metadata_is_named() -> None:
    with pytest.raises(InputError, match=r"a\.png: its metadata 'parameters' is damaged"):
        read_fooocus({"parameters": '{"prompt": "a'}, "a.png")
