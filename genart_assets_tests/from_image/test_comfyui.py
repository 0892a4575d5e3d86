from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.errors import InputError
from genart_assets.from_image.comfyui import read_comfyui
from genart_assets.from_image.generation_metadata import FoundLora, GenerationMetadata
from genart_assets_tests.from_image.foreign_json import FOREIGN
from genart_assets_tests.from_image.pictures import comfyui_default, comfyui_flux, comfyui_sdxl, node


def read(graph: dict[str, Any]) -> GenerationMetadata:
    found = read_comfyui({"prompt": json.dumps(graph)}, "a.png")
    assert found
    return found


def test_the_default_workflow() -> None:
    assert read(comfyui_default()) == GenerationMetadata(
        tool="ComfyUI",
        prompt="a lighthouse at dusk,",
        negative_prompt="text, watermark",
        size=(512, 768),
        sampler="euler",
        noise_schedule="normal",
        steps=20,
        guidance=8,
        seed="156680208700286",
        model="harbour-v1.safetensors",
    )


def test_base_and_refiner_with_loras_and_a_control() -> None:
    """The base draws; the control's negative prompt stays out of the prompt; values are followed into their nodes."""
    found = read(comfyui_sdxl())
    assert (found.prompt, found.negative_prompt) == ("a lighthouse, fog", "blurry")
    assert (found.size, found.seed, found.steps, found.guidance) == ((1216, 832), "77", 25, 7.5)
    assert (found.sampler, found.noise_schedule, found.model) == ("dpmpp_2m", "karras", "xl-base.safetensors")
    assert found.loras == (
        FoundLora(name="soft.safetensors", scale=0.25),
        FoundLora(name="ink.safetensors", scale=0.8),
    )
    assert found.left_out == ("node ControlNetApplyAdvanced", "node ControlNetLoader")
    assert found.remarks == ("its graph has 2 samplers: the settings of the first are used",)


def test_a_sampler_in_parts() -> None:
    found = read(comfyui_flux())
    assert (found.prompt, found.negative_prompt, found.guidance) == ("a lighthouse", "", 1)
    assert (found.sampler, found.steps, found.seed) == ("euler", 24, "9")
    assert (found.size, found.model) == ((1024, 1024), "flux1-dev.safetensors")


def test_a_negative_prompt_made_of_the_prompt_is_none() -> None:
    graph = comfyui_default()
    graph["7"] = node("ConditioningZeroOut", conditioning=["6", 0])
    assert read(graph).negative_prompt == ""


def test_loras_stacked_in_one_node() -> None:
    graph = comfyui_default()
    rows = {"on": True, "lora": "ink.safetensors", "strength": 0.5}, {"on": False, "lora": "off", "strength": 1}
    graph["10"] = node("Power Lora Loader (rgthree)", lora_1=rows[0], lora_2=rows[1], model=["4", 0])
    graph["3"]["inputs"]["model"] = ["10", 0]
    found = read(graph)
    assert found.loras == (FoundLora(name="ink.safetensors", scale=0.5),)
    assert found.model == "harbour-v1.safetensors"


def test_a_picture_that_starts_from_another_has_no_size() -> None:
    graph = comfyui_default()
    graph["5"] = node("VAEEncode", pixels=["20", 0], vae=["4", 2])
    graph["20"] = node("LoadImage", image="a.png")
    assert read(graph).size is None


@pytest.mark.parametrize("prompt", ["", "a lighthouse", "{}", '{"1": {"class_type": "SaveImage", "inputs": {}}}'])
def test_other_texts_are_not_its_own(prompt: str) -> None:
    assert read_comfyui({"prompt": prompt}, "a.png") is None


def test_cycles_end() -> None:
    graph = comfyui_default()
    graph["6"] = node("ConditioningAverage", conditioning_to=["11", 0])
    graph["11"] = node("ConditioningAverage", conditioning_to=["6", 0])
    graph["3"]["inputs"] |= {"steps": ["12", 0], "latent_image": ["3", 0]}
    graph["12"] = node("PrimitiveInt", value=["12", 0])
    found = read(graph)
    assert (found.prompt, found.steps) == ("", None)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["3", "4", "5", "6", "7"]),
        FOREIGN
        | st.fixed_dictionaries(
            {
                "inputs": st.dictionaries(
                    st.sampled_from(["text", "model", "positive", "steps", "width", "seed"]),
                    FOREIGN | st.tuples(st.sampled_from(["3", "4", "6", "7"]), st.integers(0, 2)).map(list),
                )
            }
        ),
    )
)
def test_no_graph_breaks_it(changed: dict[str, Any]) -> None:
    read_comfyui({"prompt": json.dumps(comfyui_default() | changed)}, "a.png")


@pytest.mark.parametrize("prompt", ['{"3": {', '{"3":' * 20_000])
def test_damaged_metadata_is_named(prompt: str) -> None:
    with pytest.raises(InputError, match=r"a\.png: its metadata 'prompt' is "):
        read_comfyui({"prompt": prompt}, "a.png")
