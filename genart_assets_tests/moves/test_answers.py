"""Which moves answer which critic: as it was when each move listed the critics by name."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genart_assets.critics.known import CRITICS, faults_of
from genart_assets.moves.protocol import EVERY, RETRY_MOVES, move_problem
from genart_assets.records.brief import MOVES, Brief
from genart_assets.records.fault import Fault
from genart_assets.records.plan import Change
from genart_assets.records.retry import Attempt
from genart_assets.records.verdict import FailedExpectation
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.retrying.plan_retry import answers, plan_retry

FORMER = {
    "new_seed": {"*"},
    "next_prompt": {"*"},
    "stronger_negative": {"*"},
    "more_guidance": {"prompt_alignment", "contrast", "style_adherence"},
    "less_guidance": {
        "prompt_alignment",
        "palette_distance",
        "exposure",
        "clipping",
        "noise",
        "near_duplicate",
        "aesthetic",
    },
    "more_steps": {"prompt_alignment", "sharpness", "noise", "palette_distance"},
    "more_lora": {"style_adherence"},
    "less_lora": {"prompt_alignment"},
    "more_control": {"style_adherence"},
    "less_control": {"prompt_alignment", "aesthetic"},
    "more_strength": {"prompt_alignment", "style_adherence"},
    "less_strength": {"palette_distance", "aesthetic"},
}
"""Move to the expectations that it listed before critics named their faults."""
EXPECTATIONS = (*CRITICS.names(), "rendered", "a critic that is no longer installed")


def answered_before(move: str, expectation: str) -> bool:
    return bool(FORMER[move] & {"*", expectation})


def test_the_table_has_every_shipped_move() -> None:
    assert set(FORMER) == set(MOVES) == set(RETRY_MOVES.names())


@pytest.mark.parametrize("expectation", EXPECTATIONS)
@pytest.mark.parametrize("move", FORMER)
def test_a_move_answers_the_expectations_that_it_listed(move: str, expectation: str) -> None:
    assert answers(RETRY_MOVES.find(move), faults_of(expectation)) == answered_before(move, expectation)


@given(st.lists(st.sampled_from(EXPECTATIONS), min_size=1, max_size=5, unique=True), st.sampled_from(sorted(FORMER)))
def test_a_retry_names_the_first_unmet_expectation_that_its_move_listed(unmet: list[str], move: str) -> None:
    brief = Brief.model_validate(
        {
            "brief": "fruit",
            "prompt": "a pear",
            "loras": [{"name": "/x.safetensors", "scale": 0.5}],
            "control": {"kind": "canny", "image": "x.png", "scale": 0.5},
            "start": {"image": "x.png", "strength": 0.5},
            "latitudes": {
                "guidance": [1, 9],
                "steps": [2, 50],
                "lora_scale": [0, 1],
                "control_scale": [0, 1],
                "strength": [0.1, 0.9],
                "alternative_prompts": ["pears"],
                "negative_prompts": ["blurry"],
            },
            "retry": {"rounds": 1, "moves": [move]},
        }
    )
    failed = tuple(FailedExpectation(expectation=name, value=0.0, min=1.0) for name in unmet)
    first = Attempt(round=0, recipe_id="r0", settings=settings_of(brief), failed=failed)
    retries = plan_retry(brief, {0: [first]}).retries
    listed = [name for name in unmet if answered_before(move, name)]
    assert [retry.origin.reason.split(" 0 below")[0] for retry in retries] == listed[:1]


@dataclass(frozen=True)
class Proposed:
    name: str
    answers: object

    def propose(self, brief: Brief, attempts: object) -> Change:
        return Change(steps=40)


def test_a_critic_of_another_package_gets_retries_by_the_fault_that_it_names() -> None:
    brief = Brief.model_validate(
        {"brief": "a", "prompt": "b", "latitudes": {"steps": [2, 50]}, "retry": {"moves": ["more_steps", "new_seed"]}}
    )
    unmet = FailedExpectation(expectation="moire", value=3.0, max=1.0)
    failing = {
        slot: [Attempt(round=0, recipe_id="r", settings=settings_of(brief), failed=(unmet,))] for slot in range(99)
    }

    def moves(*faults: Fault) -> set[str]:
        planned = plan_retry(brief, failing, faults=lambda expectation: frozenset(faults))
        return {retry.origin.move for retry in planned.retries}

    assert moves(Fault.BLUR) == {"more_steps", "new_seed"}
    assert moves(Fault.TEXT) == moves() == {"new_seed"}


def test_a_move_says_what_it_answers() -> None:
    assert move_problem("x", Proposed("x", EVERY)) == move_problem("x", Proposed("x", frozenset({Fault.BLUR}))) == ""
    for wrong in (None, frozenset(), frozenset({"blur"}), "blur", frozenset({"*"})):
        assert "give a frozenset of genart_assets.extend.Fault, or EVERY" in move_problem("x", Proposed("x", wrong))


def test_a_move_of_an_earlier_release_is_refused_with_the_reason() -> None:
    former = type("Former", (), {"name": "x", "repairs": frozenset({"sharpness"}), "propose": lambda self: None})
    assert "its repairs names critics, as moves did before" in move_problem("x", former())
