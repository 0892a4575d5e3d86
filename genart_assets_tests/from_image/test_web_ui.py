from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.from_image.generation_metadata import FoundLora, GenerationMetadata
from genart_assets.from_image.web_ui import read_web_ui
from genart_assets_tests.from_image.pictures import WEB_UI


def read(parameters: str) -> GenerationMetadata:
    found = read_web_ui({"parameters": parameters}, "a.png")
    assert found
    return found


def test_everything_that_a_brief_can_hold_is_read() -> None:
    assert read(WEB_UI) == GenerationMetadata(
        tool="Automatic1111's web UI, Forge or a similar tool",
        prompt="a lighthouse at dusk, (glowing:1.2) lamp",
        negative_prompt="blurry, text",
        size=(96, 64),
        sampler="DPM++ 2M",
        noise_schedule="Karras",
        steps=28,
        guidance=6.5,
        seed="3141592653",
        model="harbour, mix: 2",
        model_hash="31e35c80fc",
        loras=(FoundLora(name="inkline", scale=0.8),),
        left_out=("Clip skip",),
    )


def test_prompts_of_many_lines_keep_them() -> None:
    found = read("one\ntwo: three\n\nNegative prompt: bad\nworse\nSteps: 9, Sampler: Euler a, CFG scale: 7, Seed: 1")
    assert (found.prompt, found.negative_prompt) == ("one\ntwo: three", "bad\nworse")


def test_the_negative_mark_counts_at_the_start_of_a_line_only() -> None:
    found = read('a sign "Negative prompt: none"\nSteps: 9, Sampler: Euler a, CFG scale: 7, Seed: 1')
    assert (found.prompt, found.negative_prompt) == ('a sign "Negative prompt: none"', "")


def test_lines_after_the_settings_are_passed_over() -> None:
    assert read("cat\nSteps: 9, Sampler: Euler, CFG scale: 7, Seed: 1\nTemplate: cat").steps == 9


def test_loras_without_a_scale_or_named_in_the_settings_only() -> None:
    settings = 'Steps: 9, Sampler: Euler, Seed: 1, Lora hashes: "ink: 0f, fog: 1e"'
    assert read(f"cat <lora:ink:0.5:0.25> <lyco:mist>\n{settings}").loras == (
        FoundLora(name="ink", scale=0.5),
        FoundLora(name="mist"),
        FoundLora(name="fog"),
    )


@pytest.mark.parametrize("parameters", ["", "a caption", "Steps: 3", '{"prompt": "cat"}', "a: 1, b: 2, c: 3"])
def test_other_texts_are_not_its_own(parameters: str) -> None:
    assert read_web_ui({"parameters": parameters}, "a.png") is None


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    read_web_ui({"parameters": f"{text}\nSteps: {text}, Sampler: {text}, Size: {text}, Model: {text}"}, "a.png")
