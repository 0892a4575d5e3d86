"""What a brief may ask of a studio that has latitudes: less than them, and never more."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from genart_assets.errors import InputError
from genart_assets.records.brief import Brief
from genart_assets.records.studio import StudioLatitudes
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.problems import shortened
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.briefs.studio_checks import SHOWN_OF_A_TEXT, megapixel_steps

BRIEF = """\
brief: heads
prompt: "{hair}head, {mood}"
vary: {hair: [red, black], mood: [calm, wild]}
negative_prompt: gun
size: [64, 128]
sampler: {steps: 20, guidance: 5}
loras: [{name: ink, scale: 0.8}]
control: {kind: silhouette, image: a.png, scale: 0.7}
latitudes: {guidance: [3, 9], steps: [12, 40], lora_scale: [0, 1], control_scale: [0.5, 1],
  alternative_prompts: ["a {mood} person, {hair}"], negative_prompts: [guns]}
retry: {rounds: 2}
"""
SLOTS = 4
COST = 3.2768


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    picture = Image.new("L", (64, 128))
    ImageDraw.Draw(picture).ellipse((16, 16, 48, 112), fill=255)
    picture.save(tmp_path / "a.png")
    return tmp_path


def read(folder: Path, studio: dict[str, Any], text: str = BRIEF) -> Brief:
    return read_brief(
        text, source="b.yaml", folder=folder, studio=StudioLatitudes.model_validate(studio), known=installed()
    )


def refused(folder: Path, studio: dict[str, Any], text: str = BRIEF) -> list[str]:
    with pytest.raises(InputError) as told:
        read(folder, studio, text)
    assert told.value.remedy
    return told.value.message.splitlines()


@pytest.mark.parametrize(
    "studio",
    [
        {"forbidden_words": ["gun", "head", "hair", "mood", "red head", "headcalm"]},
        {"models": ["starter", "ink", "silhouette"]},
        {"models": ["s*", "in?"]},
        {"guidance": [3, 9]},
        {"guidance": [1, 50]},
        {"steps": [12, 40]},
        {"lora_scale": [0, 1]},
        {"control_scale": [0.5, 1]},
        {"most_pixels": 64 * 128},
        {"most_images": SLOTS * 3},
        {"most_megapixel_steps": COST},
        {},
    ],
)
def test_a_brief_inside_is_taken_and_stays_the_same_brief(folder: Path, studio: dict[str, Any]) -> None:
    assert read(folder, studio).brief_hash == read(folder, {}).brief_hash


@pytest.mark.parametrize(
    ("studio", "told"),
    [
        (
            {"models": ["sdxl@*", "ink"]},
            [
                "b.yaml:1: field 'model': given 'starter'; studio.yaml allows sdxl@*, ink",
                "b.yaml:8: field 'control.kind': given 'silhouette'; studio.yaml allows sdxl@*, ink",
            ],
        ),
        (
            {"models": ["starter", "silhouette"]},
            ["b.yaml:7: field 'loras[0].name': given 'ink'; studio.yaml allows starter, silhouette"],
        ),
        (
            {"guidance": [6, 8]},
            [
                "b.yaml:6: field 'sampler.guidance': is 5; studio.yaml allows 6 to 8",
                "b.yaml:9: field 'latitudes.guidance': given [3, 9]; studio.yaml allows [6, 8], "
                "which a brief can only narrow",
            ],
        ),
        (
            {"steps": [1, 39]},
            [
                "b.yaml:9: field 'latitudes.steps': given [12, 40]; studio.yaml allows [1, 39], "
                "which a brief can only narrow"
            ],
        ),
        (
            {"lora_scale": [0.9, 1]},
            [
                "b.yaml:7: field 'loras[0].scale': is 0.8; studio.yaml allows 0.9 to 1",
                "b.yaml:9: field 'latitudes.lora_scale': given [0, 1]; studio.yaml allows [0.9, 1], "
                "which a brief can only narrow",
            ],
        ),
        (
            {"control_scale": [0, 0.6]},
            [
                "b.yaml:8: field 'control.scale': is 0.7; studio.yaml allows 0 to 0.6",
                "b.yaml:9: field 'latitudes.control_scale': given [0.5, 1]; studio.yaml allows [0, 0.6], "
                "which a brief can only narrow",
            ],
        ),
        (
            {"most_pixels": 8191},
            ["b.yaml:5: field 'size': 64 x 128 are 8,192 pixels; studio.yaml allows 8,191 an image"],
        ),
        (
            {"most_images": 11},
            [
                "b.yaml:3: field 'vary': 4 slots, each tried up to 3 times, are 12 images; "
                "studio.yaml allows 11 a brief; order fewer slots or retry rounds"
            ],
        ),
        (
            {"most_megapixel_steps": 3.2},
            [
                "b.yaml:3: field 'vary': 4 slots, each tried up to 3 times, are 3.2768 megapixel-steps; "
                "studio.yaml allows 3.2 a brief; order fewer slots or retry rounds, smaller images, or fewer steps"
            ],
        ),
    ],
)
def test_a_brief_beyond_is_refused_with_field_value_and_bound(
    folder: Path, studio: dict[str, Any], told: list[str]
) -> None:
    assert refused(folder, studio) == told


@pytest.mark.parametrize(
    ("word", "places"),
    [
        ("redhead", ["b.yaml:2: field 'prompt': reads 'redhead, calm'"]),
        ("REDHEAD", ["b.yaml:2: field 'prompt': reads 'redhead, calm'"]),
        ("ｒｅｄｈｅａｄ calm", ["b.yaml:2: field 'prompt': reads 'redhead, calm'"]),
        ("wild", ["b.yaml:3: field 'vary.mood[1]': reads 'wild'"]),
        ("Person", ["b.yaml:10: field 'latitudes.alternative_prompts[0]': reads 'a calm person, red'"]),
        ("person, black", ["b.yaml:10: field 'latitudes.alternative_prompts[0]': reads 'a calm person, black'"]),
        ("black", ["b.yaml:3: field 'vary.hair[1]': reads 'black'"]),
    ],
)
def test_a_forbidden_word_is_found_where_it_hides(folder: Path, word: str, places: list[str]) -> None:
    told = refused(folder, {"forbidden_words": [word]})
    assert told == [f"{place}; studio.yaml forbids {word!r} in prompts; use other words" for place in places]


def test_a_combining_form_and_a_soft_hyphen_hide_no_word(folder: Path) -> None:
    text = 'brief: a\nprompt: "{a}́ bar, gu\u00adn"\nvary: {a: [cafe]}\n'
    assert len(refused(folder, {"forbidden_words": ["CAFÉ", "gun"]}, text)) == 2


def test_a_word_in_the_prompt_and_in_a_value_is_named_at_both(folder: Path) -> None:
    text = 'brief: a\nprompt: "gun, {a}"\nvary: {a: [a gun, a hat]}\n'
    told = refused(folder, {"forbidden_words": ["gun"]}, text)
    assert [line.split(": ")[1] for line in told] == ["field 'prompt'", "field 'vary.a[0]'"]


def test_a_value_that_no_prompt_shows_as_a_word_is_free(folder: Path) -> None:
    assert read(folder, {"forbidden_words": ["gun"]}, 'brief: a\nprompt: "{a}metal"\nvary: {a: [gun]}\n')


def test_all_problems_are_told_with_those_of_the_brief_itself(folder: Path) -> None:
    text = BRIEF.replace("rounds: 2", "rounds: 2}\ndeliver: {formats: [bmp]")
    told = refused(folder, {"forbidden_words": ["wild"], "models": ["ink", "silhouette"], "most_pixels": 1}, text)
    fields = [line.split(": ")[1] for line in told]
    assert fields == ["field 'model'", "field 'vary.mood[1]'", "field 'size'", "field 'deliver.formats[0]'"]


def test_what_is_not_read_yet_is_not_held_against_the_studio(folder: Path) -> None:
    text = BRIEF.replace("guidance: 5", "guidance: many").replace("{hair}head", "{hare}head")
    told = refused(folder, {"guidance": [49, 50], "forbidden_words": ["redhead"], "models": ["none"]}, text)
    assert sum("sampler.guidance" in line for line in told) == 1
    assert not any("forbids" in line for line in told)


def test_directories_are_matched_by_their_real_path(tmp_path: Path) -> None:
    (tmp_path / "models" / "ours").mkdir(parents=True)
    (tmp_path / "away").mkdir()
    (tmp_path / "models" / "link").symlink_to(tmp_path / "away")
    text = 'brief: a\nprompt: a pear\nmodel: "models/ours"\n'
    studio = {"models": [f"{tmp_path}/models/*"]}
    assert read(tmp_path, studio, text).model == f"{tmp_path}/models/ours"
    for name in ("away", "models/../away", "models/link"):
        (told,) = refused(tmp_path, studio, text.replace("models/ours", name))
        assert f"given '{shortened(str(tmp_path / 'away'), SHOWN_OF_A_TEXT)}'" in told


def test_a_directory_with_brackets_in_its_name_is_allowed_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "ours [v1]").mkdir()
    text = 'brief: a\nprompt: a pear\nmodel: "ours [v1]"\n'
    assert read(tmp_path, {"models": [f"{tmp_path}/ours [v1]"]}, text)
    refused(tmp_path, {"models": [f"{tmp_path}/ours [v]"]}, text)


def test_a_forbidden_model_is_never_fetched(folder: Path) -> None:
    asked: list[str] = []

    def check_model(brief: Brief) -> list[tuple[str, str]]:
        asked.append(brief.model)
        return []

    studio = StudioLatitudes(models=("starter", "org/ours@*"))
    for model in ("org/theirs@1", "org/ours@1"):
        with suppress(InputError):
            text = f"brief: a\nprompt: a pear\nmodel: {model}\n"
            read_brief(text, source="b.yaml", studio=studio, check_model=check_model, known=installed())
    assert asked == ["org/ours@1"]


def test_a_word_is_told_once_a_place_however_many_slots_have_it(folder: Path) -> None:
    values = ", ".join(f"v{number}" for number in range(100))
    text = f'brief: a\nprompt: "{{a}} {{b}} gun {{c}}"\nvary: {{a: [{values}], b: [{values}], c: [x, gun]}}\n'
    assert len(refused(folder, {"forbidden_words": ["gun"]}, text)) == 2


def test_the_cost_is_the_worst_case() -> None:
    brief = Brief(brief="a", prompt="x", repeats=10, size=(1000, 1000))
    assert megapixel_steps(brief) == 10 * 20
    retried = brief.model_copy(update={"retry": {"rounds": 3}})
    assert megapixel_steps(retried) == 10 * 4 * 20
    longer = retried.model_copy(update={"latitudes": {"steps": [10, 30]}})
    assert megapixel_steps(longer) == 10 * (20 + 3 * 30)
