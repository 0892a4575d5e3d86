"""No sequence of changes, whoever makes them, leaves a brief's latitudes."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genart_assets.records.brief import Brief
from genart_assets.records.plan import Change
from genart_assets.records.studio import StudioLatitudes
from genart_assets.stages.planning.latitudes import OutsideLatitudes, changed, settings_of

BRIEF = Brief.model_validate(
    {
        "brief": "fruit",
        "prompt": "a {subject}",
        "vary": {"subject": ["pear"]},
        "loras": [{"name": "ink", "scale": 0.5}, {"name": "gloss", "scale": 1.0}],
        "control": {"kind": "silhouette", "image": "pear.png", "scale": 0.7},
        "start": {"image": "pear.png", "strength": 0.6},
        "latitudes": {
            "guidance": [3, 9],
            "steps": [12, 40],
            "lora_scale": [0, 1],
            "control_scale": [0.5, 1],
            "strength": [0.3, 0.8],
            "alternative_prompts": ["the {subject}"],
            "negative_prompts": ["blurry"],
        },
    }
)
numbers = st.floats(-50, 50) | st.sampled_from([math.nan, math.inf, 3.0, 9.0])
changes = st.builds(
    Change,
    prompt=st.none() | st.sampled_from(["a {subject}", "the {subject}", "a gun"]),
    negative_prompt=st.none() | st.sampled_from(["", "blurry", "nothing"]),
    steps=st.none() | st.integers(-5, 60),
    guidance=st.none() | numbers,
    lora_scales=st.none() | st.lists(numbers, max_size=3).map(tuple),
    control_scale=st.none() | numbers,
    strength=st.none() | numbers,
)


@given(st.lists(changes, max_size=12))
def test_no_sequence_of_changes_leaves_the_bounds(wanted: list[Change]) -> None:
    now = settings_of(BRIEF)
    for change in wanted:
        with suppress(OutsideLatitudes):
            now = changed(BRIEF, now, change)
        assert 3 <= now.guidance <= 9
        assert 12 <= now.steps <= 40
        assert len(now.lora_scales) == 2
        assert all(0 <= scale <= 1 for scale in now.lora_scales)
        assert now.control_scale is not None
        assert 0.5 <= now.control_scale <= 1
        assert now.strength is not None
        assert 0.3 <= now.strength <= 0.8
        assert now.prompt in ("a {subject}", "the {subject}")
        assert now.negative_prompt in ("", "blurry")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (Change(guidance=9.5), r"guidance is 9.5, outside \[3, 9\]"),
        (Change(guidance=math.nan), r"guidance is nan, outside \[3, 9\]"),
        (Change(lora_scales=(0.5, 1.5)), r"lora_scale is 1.5, outside \[0, 1\]"),
        (Change(lora_scales=(0.5,)), "1 LoRA scales; the brief has 2 LoRAs"),
        (Change(guidance=9.0000001), r"guidance is 9.0000001, outside \[3, 9\]"),
        (Change(steps=10**400), r"steps is 10{58}…, outside \[12, 40\]"),
        (Change(prompt="a gun"), "the prompt is 'a gun', none of the brief's: 'a {subject}', 'the {subject}'"),
        (Change(negative_prompt="a gun"), "the negative prompt is 'a gun', none of the brief's: '', 'blurry'"),
    ],
)
def test_what_is_refused_is_named_with_its_bound(change: Change, told: str) -> None:
    with pytest.raises(OutsideLatitudes, match=told):
        changed(BRIEF, settings_of(BRIEF), change)


def test_without_a_latitude_a_parameter_stays_as_the_brief_says() -> None:
    bare = BRIEF.model_copy(update={"latitudes": {}})
    with pytest.raises(OutsideLatitudes, match="steps is 13; allowed: 20, as there is no latitude for it"):
        changed(bare, settings_of(bare), Change(steps=13))
    assert changed(bare, settings_of(bare), Change(steps=20)) == settings_of(bare)


STUDIO = StudioLatitudes(guidance=(2, 10), steps=(12, 40), lora_scale=(0, 1), control_scale=(0.5, 2))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (Change(guidance=11), "guidance is 11, outside the studio's [2, 10]"),
        (Change(guidance=math.nan), "guidance is nan, outside the studio's [2, 10]"),
        (Change(guidance=10.0000001), "guidance is 10.0000001, outside the studio's [2, 10]"),
        (Change(steps=41), "steps is 41, outside the studio's [12, 40]"),
        (Change(lora_scales=(0.5, 1.5)), "lora_scale is 1.5, outside the studio's [0, 1]"),
        (Change(control_scale=3), "control_scale is 3, outside the studio's [0.5, 2]"),
        (Change(guidance=9.5), "guidance is 9.5, outside [3, 9]"),
        (Change(control_scale=1.5), "control_scale is 1.5, outside [0.5, 1]"),
    ],
)
def test_the_bound_that_is_told_is_the_studios_where_no_brief_could_widen_it(change: Change, told: str) -> None:
    with pytest.raises(OutsideLatitudes) as refusal:
        changed(BRIEF, settings_of(BRIEF), change, STUDIO)
    assert refusal.value.message == told
    assert ("no brief widens" in refusal.value.remedy) == ("studio's" in told)


def test_a_change_inside_both_is_made() -> None:
    assert changed(BRIEF, settings_of(BRIEF), Change(guidance=9, steps=40), STUDIO).steps == 40
