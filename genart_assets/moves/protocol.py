"""What a retry move is: one change of a failed slot's settings, and the faults that it may repair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from genart_assets.plugins import ExtensionPoint
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault
from genart_assets.records.plan import Change
from genart_assets.records.retry import Attempt

EVERY: Literal["*"] = "*"
"""Stands in place of faults where a move answers every unmet expectation, also one that no critic makes."""
Answers = frozenset[Fault] | Literal["*"]


class Move(Protocol):
    """An object or a class with these members, registered by name in the entry point group ``genart_assets.moves``.

    A retry always draws a new seed as well: a move says what else changes.

    >>> from dataclasses import dataclass
    >>> from genart_assets.extend import Attempt, Change, Fault, base_of
    >>> @dataclass(frozen=True)
    ... class TwoMoreSteps:
    ...     name: str = "two_more_steps"
    ...     answers: frozenset[Fault] = frozenset({Fault.BLUR})
    ...
    ...     def propose(self, brief, attempts):
    ...         steps, latitude = base_of(attempts).steps + 2, brief.latitudes.steps
    ...         return Change(steps=steps) if latitude and steps <= latitude[1] else None
    >>> from genart_assets.extend.kit import check_move
    >>> check_move(TwoMoreSteps())
    """

    name: str
    answers: Answers
    """The faults that the move may repair, or `EVERY`."""

    def propose(self, brief: Brief, attempts: Sequence[Attempt]) -> Change | None:
        """What to change of a slot's ``base_of(attempts)``, its attempts oldest first; None where nothing is left.

        The planner makes the change, and refuses one that leaves the brief's latitudes.
        """
        ...


def move_problem(name: str, found: Any) -> str:
    """What is wrong with the move registered as ``name``; empty if nothing is."""
    answers = getattr(found, "answers", None)
    if answers != EVERY and not (
        isinstance(answers, frozenset | set) and answers and all(isinstance(fault, Fault) for fault in answers)
    ):
        former = "; its repairs names critics, as moves did before" if hasattr(found, "repairs") else ""
        return f"answers is {answers!r}{former}; give a frozenset of genart_assets.extend.Fault, or EVERY"
    return "" if callable(getattr(found, "propose", None)) else "it has no propose(brief, attempts)"


RETRY_MOVES = ExtensionPoint[Move]("genart_assets.moves", "retry move", move_problem)
