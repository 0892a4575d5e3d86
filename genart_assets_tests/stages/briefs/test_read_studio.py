"""The file of the studio's latitudes: read whole, or refused with file, line, field and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from genart_assets.errors import InputError
from genart_assets.records.studio import UNBOUND, StudioLatitudes
from genart_assets.stages.briefs.read_studio import read_studio

EVERY_KEY = """\
forbidden_words: [gun, "blood and gore"]
models: [starter, ink, silhouette, "stabilityai/*@*", "/models/*"]
licences: [Apache-2.0, "*OpenRAIL*"]
guidance: [1, 9]
steps: [4, 40]
lora_scale: [0, 1.2]
control_scale: [0, 1.5]
strength: [0.2, 0.9]
most_pixels: 1048576
most_images: 5000
most_megapixel_steps: 2000.5
"""


def refused(home: Path, text: str | bytes) -> InputError:
    (home / "studio.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as told:
        read_studio(home)
    assert told.value.message.startswith(f"{home}/studio.yaml")
    assert told.value.remedy
    return told.value


def test_every_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "studio.yaml").write_text(EVERY_KEY, encoding="utf-8")
    studio = read_studio(tmp_path)
    assert set(studio.model_dump(exclude_none=True)) == set(StudioLatitudes.model_fields)
    assert studio.forbidden_words == ("gun", "blood and gore")
    assert studio.steps == (4, 40)
    assert studio.most_megapixel_steps == 2000.5
    assert StudioLatitudes.model_validate_json(studio.canonical()) == studio


def test_without_the_file_there_are_no_bounds(tmp_path: Path) -> None:
    assert read_studio(tmp_path) == UNBOUND
    assert read_studio(tmp_path / "nowhere") == UNBOUND


@pytest.mark.parametrize(
    ("text", "line", "field", "told"),
    [
        ("forbiden_words: [gun]", 1, "forbiden_words", "unknown key; did you mean 'forbidden_words'?"),
        ("# ours\nlatitudes: {}", 2, "latitudes", "unknown key; allowed: forbidden_words, models"),
        ("forbidden_words: gun", 1, "forbidden_words", "given 'gun'; allowed: a list that is not empty"),
        ("forbidden_words:\n  - gun\n  - 3", 3, "forbidden_words[1]", "given 3; allowed: text, not empty"),
        ("forbidden_words: ['?!']", 1, "forbidden_words", "'?!' has no letter or digit"),
        ("forbidden_words:\n", 1, "forbidden_words", "given nothing; allowed: a list"),
        ("models: []", 1, "models", "given an empty list; allowed: a list that is not empty"),
        ("licences: ['']", 1, "licences[0]", "allowed: text, not empty"),
        ("most_images: 5\nguidance: [9, 3]", 2, "guidance", "given [9, 3]; allowed: the lower bound first"),
        ("guidance: [3]", 1, "guidance", "allowed: a list of 2, each a number from 1 to 50"),
        ("guidance: [0, 3]", 1, "guidance[0]", "given 0; allowed: a number from 1 to 50"),
        ("steps: [4, 5000]", 1, "steps[1]", "given 5000; allowed: a whole number from 1 to 1000"),
        ("lora_scale: [0, 1.5, 2]", 1, "lora_scale", "given a list of 3"),
        ("control_scale: [.nan, 1]", 1, "control_scale[0]", "given '.nan'"),
        ("most_pixels: 0", 1, "most_pixels", "given 0; allowed: a whole number of 1 or more"),
        ("most_images: '5'", 1, "most_images", "given '5'; allowed: a whole number of 1 or more; remove the quotes"),
        ("most_megapixel_steps: 0", 1, "most_megapixel_steps", "given 0; allowed: a number above 0"),
        ("most_pixels: 9\nmost_pixels: 8", 2, "most_pixels", "stands on line 1 too"),
    ],
)
def test_what_is_wrong_is_named_with_line_and_field(
    tmp_path: Path, text: str, line: int, field: str, told: str
) -> None:
    error = refused(tmp_path, text)
    assert error.message.startswith(f"{tmp_path}/studio.yaml:{line}: field '{field}': ")
    assert told in error.message
    assert error.remedy.endswith("and try again; until then no brief is accepted")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the studio file is empty"),
        ("# most_images: 5\n", "the studio file is empty"),
        ("- gun", "the studio file is a list"),
        ("models: [a", "malformed YAML"),
        (b"models: [\xff]", "is not UTF-8"),
        ("a: &a [1]\nb: *a", "the alias *a is not allowed"),
        ("models: [" + "a, " * 2**19 + "]", "more than 1,048,576 bytes"),
    ],
)
def test_a_file_that_says_nothing_frees_nobody(tmp_path: Path, text: str | bytes, told: str) -> None:
    assert told in refused(tmp_path, text).message


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    lines = refused(tmp_path, "most_pixels: 0\nmodel: [a]\nsteps: [9, 3]\n").message.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["field 'most_pixels'", "field 'model'", "field 'steps'"]


def test_a_file_that_leads_nowhere_is_no_absent_one(tmp_path: Path) -> None:
    (tmp_path / "studio.yaml").symlink_to(tmp_path / "gone.yaml")
    with pytest.raises(InputError, match="there is no such file"):
        read_studio(tmp_path)
