"""Holds the review queue in memory: the rows of every order with their state, updated from the storage."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import Field

from genart_assets.errors import GenartError
from genart_assets.records.base import Record
from genart_assets.records.brief import Brief
from genart_assets.records.decision import Decision
from genart_assets.stages.planning.catalogue import Order, order_keys
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.planning.plan import slot_at
from genart_assets.stages.reviewing.attempts import OrderAttempts
from genart_assets.stages.reviewing.decisions import Log, Standing, in_order, read_log, standing
from genart_assets.stages.reviewing.review_queue import QueueRow, outcomes_of, review_queue
from genart_assets.storage.root import Storage

LOOK_AGAIN_SECONDS = 1.0
"""Shortest time between two readings of the storage."""


@dataclass(frozen=True)
class Entry:
    """One row of the queue, with its order and brief."""

    book: OrderBook
    row: QueueRow

    @property
    def order(self) -> Order:
        return self.book.order

    @property
    def brief(self) -> Brief:
        return self.book.brief

    @cached_property
    def key(self) -> str:
        """``{order}/{slot index}``."""
        return f"{self.order.key}/{self.row.slot_index}"

    @cached_property
    def values(self) -> dict[str, str]:
        """The slot's values of ``vary``."""
        return slot_at(self.brief, self.row.slot_index).values


class Outcome(Record):
    """A valid outcome, as the page needs it."""

    id: str
    action: str
    reviewer: str
    recipe: str


class State(Record):
    """The state of one row."""

    version: int = Field(description="increases with every attempt and decision")
    attempts: int
    outcomes: tuple[Outcome, ...] = Field(default=(), description="last outcome of each reviewer; the last one holds")
    tags: tuple[str, ...] = ()
    scores: dict[str, int] = Field(default_factory=dict, description="last score of each recipe id")


@dataclass
class _Watched:
    """What was read from one order."""

    attempts: OrderAttempts
    rows: dict[int, Entry] = field(default_factory=dict)
    slot_of: dict[str, int] = field(default_factory=dict)
    log: Log = field(default_factory=Log)
    decisions: dict[str, list[Decision]] = field(default_factory=dict)
    """Decisions by recipe id, in order."""
    standings: dict[str, Standing] = field(default_factory=dict)
    states: dict[int, State] = field(default_factory=dict)


class ReviewQueue:
    """The rows of all orders, or of the orders of some briefs. Safe to share between threads.

    ``problems`` names each order that cannot be read; the others are shown.
    """

    def __init__(
        self, storage: Storage, briefs: Sequence[str] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.storage = storage
        self.problems: list[str] = []
        self.generation = 0
        """Increases with every change of rows, states or problems."""
        self._briefs = frozenset(briefs)
        self._clock = clock
        self._looked: float | None = None
        self._orders: dict[str, _Watched] = {}
        self._lock = threading.RLock()

    def refresh(self, *, at_once: bool = False) -> None:
        """Read new orders, batches and decisions, unless that was done within the last second."""
        with self._lock:
            now = self._clock()
            if not at_once and self._looked is not None and now - self._looked < LOOK_AGAIN_SECONDS:
                return
            before, self.problems = self.problems, []
            for key in order_keys(self.storage):
                if not self._briefs or key.rsplit(".", 1)[0] in self._briefs:
                    try:
                        self._look_at(key)
                    except GenartError as error:
                        self.problems.append(f"order {key}: {error.message}")
            self.generation += self.problems != before
            self._looked = self._clock()

    def entries(self) -> list[Entry]:
        """All rows, by order key and slot."""
        with self._lock:
            return [entry for _, watched in sorted(self._orders.items()) for entry in watched.rows.values()]

    def entry(self, order_key: str, slot: int) -> Entry | None:
        """The row of a slot; None if the queue does not have it."""
        with self._lock:
            watched = self._orders.get(order_key)
            return watched.rows.get(slot) if watched else None

    def entry_of_image(self, order_key: str, recipe_id: str) -> Entry | None:
        """The row that has this image among its attempts."""
        with self._lock:
            watched = self._orders.get(order_key)
            slot = watched.slot_of.get(recipe_id) if watched else None
            return watched.rows[slot] if watched and slot is not None else None

    def state(self, entry: Entry) -> State | None:
        """The state of a row; None if it has left the queue to be rendered again."""
        with self._lock:
            return self._orders[entry.order.key].states.get(entry.row.slot_index)

    def states(self) -> dict[str, State]:
        """The state of each row by its key, in the order of order key and slot."""
        with self._lock:
            return {
                entry.key: watched.states[slot]
                for _, watched in sorted(self._orders.items())
                for slot, entry in watched.rows.items()
            }

    def stored_decision(self, decision: Decision) -> Decision | None:
        """The equal decision in the log, ignoring its time; None if there is none."""
        with self._lock:
            watched = self._orders.get(decision.order)
            known = watched.decisions.get(decision.recipe_id, []) if watched else []
            return next((d for d in known if d.model_copy(update={"time": decision.time}) == decision), None)

    def decisions(self, entry: Entry) -> list[Decision]:
        """All decisions about the row's images, by time, including undone ones."""
        with self._lock:
            by_image = self._orders[entry.order.key].decisions
            return in_order(d for attempt in entry.row.attempts for d in by_image.get(attempt.recipe_id, []))

    def take(self, decision: Decision) -> None:
        """Take a stored decision into account."""
        with self._lock:
            watched = self._orders[decision.order]
            if decision not in watched.decisions.get(decision.recipe_id, []):
                log = Log(tuple(in_order([*watched.log.decisions, decision])), watched.log.damaged)
                self._count(watched, log, [decision])

    def _look_at(self, key: str) -> None:
        watched = self._orders.get(key)
        if watched is None:
            watched = _Watched(OrderAttempts(OrderBook.open(self.storage, key)))
            self._orders[key] = watched
        if watched.attempts.refresh():
            self._lay_out(watched)
        log = read_log(self.storage, key, watched.log)
        known = {decision.id for decision in watched.log.decisions}
        self._count(watched, log, [decision for decision in log.decisions if decision.id not in known])
        damaged = {**watched.attempts.damaged, **log.damaged}
        self.problems += [f"{place}: {why}" for place, why in damaged.items()]

    def _lay_out(self, watched: _Watched) -> None:
        """Make the rows again, after new attempts."""
        book = watched.attempts.book
        rows = review_queue(book.key, watched.attempts.slots(), book.brief.review.sample)
        watched.rows = {row.slot_index: Entry(book, row) for row in rows}
        watched.slot_of = {a.recipe_id: row.slot_index for row in rows for a in row.attempts}
        watched.states = {slot: self._state(watched, entry) for slot, entry in watched.rows.items()}
        self.generation += 1

    def _count(self, watched: _Watched, log: Log, new: Sequence[Decision]) -> None:
        watched.log = log
        for decision in new:
            watched.decisions.setdefault(decision.recipe_id, []).append(decision)
        for recipe_id in {decision.recipe_id for decision in new}:
            watched.standings.update(standing(watched.decisions[recipe_id]))
            slot = watched.slot_of.get(recipe_id)
            if slot is not None:
                watched.states[slot] = self._state(watched, watched.rows[slot])
                self.generation += 1

    def _state(self, watched: _Watched, entry: Entry) -> State:
        ids = [attempt.recipe_id for attempt in entry.row.attempts]
        standings = {id: watched.standings[id] for id in ids if id in watched.standings}
        return State(
            attempts=len(ids),
            version=len(ids) + sum(len(watched.decisions.get(id, [])) for id in ids),
            outcomes=tuple(
                Outcome(id=d.id, action=d.action, reviewer=d.reviewer, recipe=d.recipe_id)
                for d in outcomes_of(entry.row, standings)
            ),
            tags=tuple(sorted({tag for held in standings.values() for tag in held.tags})),
            scores={id: held.score for id, held in standings.items() if held.score is not None},
        )
