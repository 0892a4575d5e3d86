"""Which images of an order a person should see, and what reviewers made of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from genart_assets.records.base import Record
from genart_assets.records.decision import Decision
from genart_assets.records.retry import REDO
from genart_assets.records.verdict import FailedExpectation
from genart_assets.stages.planning.review_sample import is_sampled
from genart_assets.stages.reviewing.decisions import Standing, in_order

Why = Literal["failed", "held", "sampled", "redone"]


class JudgedAttempt(Record):
    """One try of a slot, with its verdict."""

    recipe_id: str
    batch: str = Field(description="batch key")
    round: int = Field(ge=0)
    passed: bool
    failed: tuple[FailedExpectation, ...] = ()
    held: str | None = Field(default=None, description="why the whole batch waits for a person; None where it does not")
    move: str | None = Field(default=None, description="the retry move that led to it; None for the first try")
    reason: str | None = Field(default=None, description="the unmet expectation that the move answers")


class SlotHistory(Record):
    """The tries of one slot so far."""

    attempts: tuple[JudgedAttempt, ...] = Field(min_length=1, description="oldest first")
    ended: bool = Field(description="whether no further try is planned or due")


class QueueRow(Record):
    """One slot that a person should see."""

    slot_index: int = Field(ge=0)
    why: Why = Field(
        description="it failed to the end, its batch is held, it was sampled among those that pass, or a reviewer had "
        "it rendered again"
    )
    attempts: tuple[JudgedAttempt, ...] = Field(min_length=1, description="oldest first")

    @property
    def last(self) -> JudgedAttempt:
        return self.attempts[-1]


def review_queue(order_key: str, slots: Mapping[int, SlotHistory], sample: float) -> list[QueueRow]:
    """The slots that a person should see, in order: a pure function of the order's attempts.

    These are the slots that still failed when their rounds ended, those of batches that are held, the share ``sample``
    of those that pass, and those that a reviewer had rendered again.
    """
    rows: list[QueueRow] = []
    for slot, history in sorted(slots.items()):
        why = _why(order_key, slot, history, sample)
        if history.ended and why is not None:
            rows.append(QueueRow(slot_index=slot, why=why, attempts=history.attempts))
    return rows


def _why(order_key: str, slot: int, history: SlotHistory, sample: float) -> Why | None:
    last = history.attempts[-1]
    if last.move == REDO:
        return "redone"
    if last.held is not None:
        return "held"
    if not last.passed:
        return "failed"
    return "sampled" if is_sampled(order_key, slot, sample) else None


def outcomes_of(row: QueueRow, standings: Mapping[str, Standing]) -> list[Decision]:
    """What reviewers made of a slot, each one's last word, by time: the last of the list holds.

    To accept settles the slot with any of its attempts, to reject or redo it when the last attempt is meant. A redo
    that was rendered opens the slot again: what was decided before it is history.
    """
    last = row.last.recipe_id
    said = [
        decision
        for attempt in row.attempts
        if attempt.recipe_id in standings
        for decision in standings[attempt.recipe_id].outcomes
    ]
    left: dict[str, Decision] = {}
    for decision in in_order(said):
        if decision.action == "redo" and decision.recipe_id != last:
            left.clear()
        elif decision.action == "accept" or decision.recipe_id == last:
            left[decision.reviewer] = decision
    return in_order(left.values())
