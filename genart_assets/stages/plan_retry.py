"""From the failed attempts of a brief's slots to the next round: for each slot one move, with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from genart_assets.moves.protocol import EVERY, Move
from genart_assets.moves.registry import find_move
from genart_assets.records import Attempt, Brief, FailedExpectation, Origin, Settings, SlotRetry
from genart_assets.stages.latitudes import outside


@dataclass
class RetryPlan:
    """The next round of a brief."""

    retries: list[SlotRetry] = field(default_factory=list)
    """In the order of the slots."""
    exhausted: list[int] = field(default_factory=list)
    """Slots for which no move is left."""
    refused: dict[str, str] = field(default_factory=dict)
    """Moves that would have left the latitudes, each with the first way in which it did."""


def plan_retry(
    brief: Brief, failing: Mapping[int, Sequence[Attempt]], find: Callable[[str], Move] = find_move
) -> RetryPlan:
    """One next try for every failing slot: a pure function of the brief and the attempts so far.

    ``failing`` maps slot indices to their attempts, oldest first. A slot gets the first of the brief's moves that
    answers one of its last attempt's unmet expectations, was not made for it before, and leads to settings that it has
    not tried; where none is left, the first that it may make again. A move that would leave the latitudes is refused,
    and the next one is asked.
    """
    moves = [find(name) for name in brief.retry.moves]
    plan = RetryPlan()
    for slot in sorted(failing):
        attempts = failing[slot]
        chosen = _choose(brief, moves, attempts, plan.refused)
        if chosen is None:
            plan.exhausted.append(slot)
            continue
        move, settings, unmet = chosen
        origin = Origin(parent=attempts[-1].recipe_id, move=move.name, reason=told(unmet))
        plan.retries.append(SlotRetry(slot_index=slot, settings=settings, origin=origin))
    return plan


def _choose(
    brief: Brief, moves: Sequence[Move], attempts: Sequence[Attempt], refused: dict[str, str]
) -> tuple[Move, Settings, FailedExpectation] | None:
    made = {attempt.move for attempt in attempts}
    tried = [attempt.settings for attempt in attempts]
    possible: list[tuple[Move, Settings, FailedExpectation]] = []
    for move in moves:
        unmet = _answered(move, attempts[-1].failed)
        settings = move.propose(brief, attempts) if unmet else None
        if unmet is None or settings is None:
            continue
        if problem := outside(brief, settings):
            refused.setdefault(move.name, problem)
            continue
        if move.name not in made and settings not in tried:
            return move, settings, unmet
        possible.append((move, settings, unmet))
    fresh = [candidate for candidate in possible if candidate[1] not in tried]
    return next(iter([*fresh, *possible]), None)


def _answered(move: Move, failed: Iterable[FailedExpectation]) -> FailedExpectation | None:
    return next((unmet for unmet in failed if EVERY in move.repairs or unmet.expectation in move.repairs), None)


def told(unmet: FailedExpectation) -> str:
    """An unmet expectation as a person reads it: ``prompt_alignment 0.41 below 0.7``."""
    if unmet.value is None:
        return f"{unmet.expectation}: {unmet.reason}"
    if unmet.min is not None and unmet.value < unmet.min:
        return f"{unmet.expectation} {unmet.value:.4g} below {unmet.min:g}"
    return f"{unmet.expectation} {unmet.value:.4g} above {unmet.max:g}"
