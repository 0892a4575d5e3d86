"""What a retry move is: one change of a failed slot's settings, and the expectations that it may repair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from genart_assets.records.brief import Brief
from genart_assets.records.plan import Change
from genart_assets.records.retry import Attempt

EVERY = "*"
"""Stands for every expectation in ``repairs``."""


class Move(Protocol):
    """Registered by name in the entry point group ``genart_assets.moves``; one object or class with these members.

    A retry always draws a new seed as well: a move says what else changes.
    """

    name: str
    repairs: frozenset[str]
    """The expectations whose failure the move answers, or ``EVERY``."""

    def propose(self, brief: Brief, attempts: Sequence[Attempt]) -> Change | None:
        """What to change of a slot's ``base_of(attempts)``, its attempts oldest first; None where nothing is left.

        The planner makes the change, and refuses one that leaves the brief's latitudes.
        """
        ...
