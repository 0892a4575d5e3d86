"""Defines what becomes of failures: the attempts of a slot, and its next try."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import Field

from genart_assets.records.base import Record
from genart_assets.records.plan import Origin, Settings
from genart_assets.records.verdict import FailedExpectation


class Attempt(Record):
    """One try of a slot, and what was wrong with it."""

    round: int = Field(ge=0)
    recipe_id: str
    settings: Settings
    move: str | None = Field(default=None, description="the retry move that led to it; None for the first try")
    failed: tuple[FailedExpectation, ...]


class SlotRetry(Record):
    """The next try of a slot."""

    slot_index: int = Field(ge=0)
    settings: Settings
    origin: Origin


@dataclass
class RetryPlan:
    """The next round of a brief."""

    retries: list[SlotRetry] = field(default_factory=list)
    """In the order of the slots."""
    exhausted: list[int] = field(default_factory=list)
    """Slots for which no move is left."""
    refused: dict[str, str] = field(default_factory=dict)
    """Moves that would have left the latitudes, each with the first way in which it did."""


REDO = "redo"
"""The move of a retry that a reviewer asked for."""
