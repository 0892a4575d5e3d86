"""From the failed attempts of a brief's slots to the next round: for each slot one move, with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from genart_assets.critics.known import faults_of
from genart_assets.moves.attempts import base_of
from genart_assets.moves.protocol import EVERY, RETRY_MOVES, Move
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault
from genart_assets.records.plan import Origin, Settings
from genart_assets.records.retry import Attempt, RetryPlan, SlotRetry
from genart_assets.records.studio import UNBOUND, StudioLatitudes
from genart_assets.records.verdict import FailedExpectation
from genart_assets.stages.planning.latitudes import OutsideLatitudes, changed
from genart_assets.stages.retrying.move_odds import MoveOdds
from genart_assets.stages.retrying.round_outcome import Repair

Choice = tuple[Move, Settings, FailedExpectation]
"""A move, the settings that it leads to, and the unmet expectation that it answers."""


def plan_retry(
    brief: Brief,
    failing: Mapping[int, Sequence[Attempt]],
    record: Iterable[Repair] = (),
    find: Callable[[str], Move] = RETRY_MOVES.find,
    studio: StudioLatitudes = UNBOUND,
    faults: Callable[[str], frozenset[Fault]] = faults_of,
) -> RetryPlan:
    """One next try for every failing slot: a pure function of the brief and of its attempts so far.

    ``failing`` maps slot indices to their attempts, oldest first; ``record`` is what moves have done for all of the
    brief's slots, in every round. A slot gets the move with the best odds among those that answer one of its last
    attempt's unmet expectations and lead to settings that it has not tried, or change nothing but the seed; where there
    is none, among those that it may make again. A move answers an expectation if it answers one of the ``faults`` that
    the expectation's critic sees. A move that would leave the latitudes of the brief or of the ``studio`` is refused.
    """
    moves = [find(name) for name in brief.retry.moves]
    plan = RetryPlan()
    round_ = 1 + max((attempts[-1].round for attempts in failing.values()), default=0)
    odds = MoveOdds(brief.brief, round_, record)
    missed = {unmet.expectation for attempts in failing.values() for unmet in attempts[-1].failed}
    seen = {expectation: faults(expectation) for expectation in missed}
    for slot in sorted(failing):
        attempts = failing[slot]
        chosen = _choose(brief, studio, moves, attempts, odds, plan.refused, seen)
        if chosen is None:
            plan.exhausted.append(slot)
            continue
        move, settings, unmet = chosen
        origin = Origin(parent=attempts[-1].recipe_id, move=move.name, reason=describe(unmet))
        plan.retries.append(SlotRetry(slot_index=slot, settings=settings, origin=origin))
    return plan


def _choose(
    brief: Brief,
    studio: StudioLatitudes,
    moves: Sequence[Move],
    attempts: Sequence[Attempt],
    odds: MoveOdds,
    refused: dict[str, str],
    seen: Mapping[str, frozenset[Fault]],
) -> Choice | None:
    base, tried = base_of(attempts), [attempt.settings for attempt in attempts]
    failed = attempts[-1].failed
    names = [unmet.expectation for unmet in failed]
    fresh: list[tuple[float, Choice]] = []
    again: list[tuple[float, Choice]] = []
    for move in moves:
        unmet = next((unmet for unmet in failed if answers(move, seen[unmet.expectation])), None)
        change = move.propose(brief, attempts) if unmet else None
        if unmet is None or change is None:
            continue
        try:
            settings = changed(brief, base, change, studio)
        except OutsideLatitudes as refusal:
            refused.setdefault(move.name, refusal.message)
            continue
        group = fresh if settings == base or settings not in tried else again
        drawn = odds.draw(move.name, names, place=len(fresh) + len(again))
        group.append((drawn, (move, settings, unmet)))
    return max(fresh or again, key=lambda option: option[0], default=(0.0, None))[1]


def answers(move: Move, faults: frozenset[Fault]) -> bool:
    """Whether a move may repair a picture with these faults."""
    return move.answers == EVERY or not faults.isdisjoint(move.answers)


def describe(unmet: FailedExpectation) -> str:
    """An unmet expectation as a person reads it: ``prompt_alignment 0.41 below 0.7``."""
    if unmet.value is None:
        return f"{unmet.expectation}: {unmet.reason}"
    if unmet.min is not None and unmet.value < unmet.min:
        return f"{unmet.expectation} {unmet.value:.4g} below {unmet.min:g}"
    return f"{unmet.expectation} {unmet.value:.4g} above {unmet.max:g}"
