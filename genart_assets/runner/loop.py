"""The loop of the orders that a `genart run` works on: turns after judged rounds, and what reviewers decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import dagster as dg

from genart_assets.defs.partitions import add_reviews, add_rounds
from genart_assets.errors import StorageError
from genart_assets.records.plan import Batch
from genart_assets.runner.engine import Engine
from genart_assets.runner.heard import Heard
from genart_assets.runner.problems import one_line
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.reviewing.settlements import is_due, settlement_key, settlements_of

TURN_TAKEN, SETTLED = dg.AssetKey("review_queue"), dg.AssetKey("accepted_deliveries")

Found = TypeVar("Found")


class Loop:
    """Goes through the rounds of some orders, each at its own number.

    An order that cannot be read further is named as a problem once, and the others go on.
    """

    def __init__(self, engine: Engine, instance: dg.DagsterInstance, books: Sequence[OrderBook], heard: Heard) -> None:
        self._engine, self._instance, self._books, self._heard = engine, instance, books, heard
        self._next = {book.key: 1 for book in books}
        self._tried: set[str] = set()
        self._damaged: set[str] = set()

    def next_round(self) -> list[Batch]:
        """The batches of the orders' next rounds; none of an order that has no further one, or is not that far."""
        return self._of_each(self._next_round)

    def settle(self) -> bool:
        """Take in what reviewers decided, and finish settlements that were cut off; whether there was something."""
        wanted = self._of_each(self._open_settlements)
        for key in wanted:
            self._tried.add(key)
            add_reviews(self._instance, [key])
            self._execute("settle", key)
        return bool(wanted)

    def _of_each(self, step: Callable[[OrderBook], list[Found]]) -> list[Found]:
        found: list[Found] = []
        for book in self._books:
            if book.key in self._damaged:
                continue
            try:
                found += step(book)
            except StorageError as error:
                self._damaged.add(book.key)
                self._heard.problem(f"{book.key}: {one_line(error)}")
        return found

    def _next_round(self, book: OrderBook) -> list[Batch]:
        while True:
            round_ = self._next[book.key]
            turn = f"{book.key}.r{round_ - 1}"
            follows = book.brief.loops or round_ <= book.last_round
            if (
                follows
                and turn not in self._instance.get_materialized_partitions(TURN_TAKEN)
                and book.is_judged(round_ - 1)
            ):
                add_rounds(self._instance, [turn])
                self._execute("take_turn", turn)
            if round_ > book.last_round:
                return []
            self._next[book.key] += 1
            if batches := book.batches(round_):
                return batches

    def _open_settlements(self, book: OrderBook) -> list[str]:
        done = self._instance.get_materialized_partitions(SETTLED)
        made = len(settlements_of(book.storage, book.key))
        keys = [settlement_key(book.key, number) for number in range(made + is_due(book))]
        return [key for key in keys if key not in done and key not in self._tried]

    def _execute(self, job: str, key: str) -> None:
        self._heard.problem(self._engine.execute(job, key, report=self._heard.of(key)))
