from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from genart_assets.extend import EVERY, RETRY_MOVES, Brief, Change, Fault
from genart_assets.extend.kit import CheckFailed, check_move, trial_briefs

BLUR = frozenset({Fault.BLUR})


@dataclass(frozen=True)
class Proposing:
    proposes: Callable[..., Any]
    name: str = "trial"
    answers: Any = BLUR

    def propose(self, brief: Brief, attempts: Any) -> Any:
        return self.proposes(brief, attempts)


@pytest.mark.parametrize("name", sorted({*RETRY_MOVES.names()} - {"new_seed"}))
def test_shipped_moves_pass(name: str) -> None:
    check_move(RETRY_MOVES.find(name))


def test_the_move_that_draws_a_new_seed_and_nothing_else_is_the_only_one() -> None:
    with pytest.raises(CheckFailed, match="changes nothing"):
        check_move(RETRY_MOVES.find("new_seed"))


_number = count()


@pytest.mark.parametrize(
    ("move", "says"),
    [
        (
            Proposing(lambda brief, attempts: Change(guidance=49.0)),
            "with wide latitudes: guidance is 49",
        ),
        (Proposing(lambda brief, attempts: Change(steps=20)), "leaves the latitudes, with narrow latitudes"),
        (Proposing(lambda brief, attempts: Change()), "changes nothing in wide latitudes, narrow"),
        (Proposing(lambda brief, attempts: None), "changes nothing"),
        (Proposing(lambda brief, attempts: Change(steps=12 + next(_number) % 2)), "for the same attempts"),
        (Proposing(lambda brief, attempts: {"steps": 40}), "proposes a dict; allowed: a Change, or None"),
        (Proposing(lambda brief, attempts: None, answers=frozenset({"blur"})), "give a frozenset of"),
        (Proposing(lambda brief, attempts: None, name=""), "the move's name is ''"),
    ],
)
def test_a_move_that_breaks_a_rule_is_found(move: Proposing, says: str) -> None:
    with pytest.raises(CheckFailed, match=says):
        check_move(move)


def test_a_move_that_needs_something_else_gets_its_brief() -> None:
    brief = trial_briefs()["no adapters"]
    move = Proposing(lambda brief, attempts: Change(guidance=9.0) if brief.latitudes.guidance else None, answers=EVERY)
    check_move(move, brief)
    with pytest.raises(CheckFailed, match="changes nothing in the given brief"):
        check_move(move, trial_briefs()["no latitudes"])
