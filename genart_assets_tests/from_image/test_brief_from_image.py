from __future__ import annotations

import math
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from genart_assets.errors import InputError
from genart_assets.from_image.brief_from_image import MAX_PROMPT, brief_from_image, brief_id
from genart_assets.from_image.generation_metadata import FoundLora, GenerationMetadata
from genart_assets.from_image.write_brief import brief_text
from genart_assets.models.sizes import nearest_size, sides_of
from genart_assets.records.base import BRIEF_ID_PATTERN
from genart_assets.records.brief import Brief
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.briefs.templates import fill
from genart_assets.stages.briefs.yaml_text import UNPRINTABLE

MAKING = GenerationMetadata(
    tool="a tool", prompt="a cat", size=(64, 64), sampler="euler", steps=20, guidance=5, seed="7", model="m"
)


def made(metadata: GenerationMetadata = MAKING, **changes: object) -> tuple[Brief, tuple[str, ...]]:
    """The brief as it reads back from its YAML, and the notes."""
    brief, notes = brief_from_image(
        metadata.model_copy(update=changes),
        source="a.png",
        name="a",
        model="starter",
        fit=lambda size: nearest_size(size, sides_of("starter")),
    )
    read = read_brief(brief_text(brief, notes), source="a.yaml", known=installed())
    assert read == brief
    return read, notes


@settings(deadline=None)
@given(st.text(min_size=1), st.text())
@example("{subject} of {{x}} }{ {", "{a}")
@example("- a: #b 'c' \"d\" \\ &e *f !g |h >i %j @k `l", "? [x]: {y}")
@example("yes", "null")
@example("1e5", "=")
@example("2020-01-01", "<<")
@example(" \n\n two  spaces \t\n ", "---")
@example("\x85\u2028\u2029\ufeff\x7f\x9f a", "🥝" * 200)
@example("a " * 200, "b  " * 200)
def test_any_prompt_reads_back(prompt: str, negative: str) -> None:
    """Without what no brief can hold: control characters and the carriage returns of line ends."""
    kept, kept_negative = (
        UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")) for text in (prompt, negative)
    )
    if not kept.strip():
        with pytest.raises(InputError, match="only control characters"):
            made(prompt=prompt)
        return
    brief, notes = made(prompt=prompt, negative_prompt=negative)
    assert fill(brief.prompt, {}) == kept
    assert brief.negative_prompt == kept_negative
    dropped = UNPRINTABLE.search((prompt + negative).replace("\r", "")) is not None
    assert ("control characters were removed from its prompts" in notes) is dropped


@settings(deadline=None)
@given(
    st.builds(
        GenerationMetadata,
        tool=st.text(),
        prompt=st.just("cat"),
        size=st.none() | st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)),
        sampler=st.text(),
        noise_schedule=st.text(),
        steps=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        guidance=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        guidance_rescale=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        seed=st.text(),
        model=st.text(),
        model_hash=st.text(),
        loras=st.lists(st.builds(FoundLora, name=st.text(), scale=st.none() | st.floats())).map(tuple),
        left_out=st.lists(st.text()).map(tuple),
        remarks=st.lists(st.text()).map(tuple),
    )
)
def test_any_making_gives_a_brief_that_reads_back(metadata: GenerationMetadata) -> None:
    made(metadata)


def test_what_fits_is_kept() -> None:
    brief, notes = made()
    assert (brief.prompt, brief.size, brief.model) == ("a cat", (64, 64), "starter")
    assert (brief.sampler.scheduler, brief.sampler.steps, brief.sampler.guidance) == ("euler", 20, 5)
    assert [note.split(" (")[0] for note in notes[:1]] == ["made with a checkpoint"]
    assert "its seed 7 is not used" in notes[1]
    assert len(notes) == 2


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"steps": 0}, "a brief does not allow its steps 0: 1 is the nearest"),
        ({"steps": None}, "its metadata does not say steps: 20 is written"),
        ({"guidance": 1e9}, "a brief does not allow its guidance 1e+09: 50 is the nearest"),
        ({"guidance": 0}, "a brief does not allow its guidance 0: 1 is the nearest"),
        ({"size": (1024, 768)}, "the model does not draw its size 1024x768 px: 128x96 px is the nearest"),
        ({"sampler": "Heun"}, "there is no sampler 'Heun' here: `model` stands for the model's own"),
        ({"model": ""}, "its metadata does not name a model: starter is written; --model sets another one"),
        ({"loras": (FoundLora(name="ink", scale=0.5), FoundLora(name="fog"))}, "made with the LoRAs ink at 0.5, fog,"),
        ({"left_out": ("Clip skip",)}, "not in the brief: Clip skip"),
        ({"prompt": "a (red:1.2) cat"}, "are read as plain words here"),
        ({"model_hash": "0f" * 8}, "made with a checkpoint (m, hash 0f0f0f0f0f0f0f0f), whose name is not a path"),
    ],
)
def test_what_differs_is_said(changes: dict[str, object], note: str) -> None:
    _, notes = made(**changes)
    assert any(note in each for each in notes), notes


def test_a_delivery_names_a_model_that_a_brief_can_name() -> None:
    _, notes = made(model_reference="starter", model_hash="ab" * 32)
    assert notes[0] == "its model starter had the weights ababababab"


def test_a_prompt_that_no_model_reads_is_refused() -> None:
    with pytest.raises(InputError, match=r"a\.png: its negative prompt has 20,001 characters") as refused:
        made(negative_prompt="x" * (MAX_PROMPT + 1))
    assert refused.value.remedy


def test_numbers_that_are_none_never_arrive() -> None:
    assert math.isfinite(made(guidance_rescale=3.0)[0].sampler.guidance_rescale)


@settings(deadline=None)
@given(st.text())
@example("")
@example("-" * 80)
@example("IMG_0001 (copy).final")
def test_an_id_is_made_of_any_file_name(stem: str) -> None:
    assert re.match(BRIEF_ID_PATTERN, brief_id(stem))
