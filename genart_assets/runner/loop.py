"""The loop of the orders that a `genart run` works on: turns after judged rounds, and what reviewers decided."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from genart_assets.defs.partitions import add_reviews, add_rounds
from genart_assets.records.plan import Batch
from genart_assets.runner.engine import Engine
from genart_assets.runner.heard import Heard
from genart_assets.stages.planning.catalogue import Order, read_brief_of
from genart_assets.stages.planning.rounds import batches_of_round, is_judged, last_round
from genart_assets.stages.reviewing.settlements import is_due, settlement_key, settlements_of
from genart_assets.storage.root import Storage

TURN_TAKEN, SETTLED = dg.AssetKey("review_queue"), dg.AssetKey("accepted_deliveries")


class Loop:
    """Goes through the rounds of some orders, each at its own number."""

    def __init__(
        self, engine: Engine, instance: dg.DagsterInstance, storage: Storage, orders: Sequence[Order], heard: Heard
    ) -> None:
        self._engine, self._instance, self._storage, self._heard = engine, instance, storage, heard
        self._orders = {order: read_brief_of(storage, order) for order in orders}
        self._next = {order.key: 1 for order in orders}
        self._tried: set[str] = set()

    def next_round(self) -> list[Batch]:
        """The batches of the orders' next rounds; none of an order that has no further one, or is not that far."""
        return [batch for order in self._orders for batch in self._next_round(order)]

    def settle(self) -> bool:
        """Take in what reviewers decided, and finish settlements that were cut off; whether there was something."""
        wanted = [key for order in self._orders for key in self._open_settlements(order)]
        for key in wanted:
            self._tried.add(key)
            add_reviews(self._instance, [key])
            self._execute("settle", key)
        return bool(wanted)

    def _next_round(self, order: Order) -> list[Batch]:
        brief = self._orders[order]
        while True:
            round_ = self._next[order.key]
            turn = f"{order.key}.r{round_ - 1}"
            follows = brief.loops or round_ <= last_round(self._storage, order)
            if (
                follows
                and turn not in self._instance.get_materialized_partitions(TURN_TAKEN)
                and is_judged(self._storage, brief, order, round_ - 1)
            ):
                add_rounds(self._instance, [turn])
                self._execute("take_turn", turn)
            if round_ > last_round(self._storage, order):
                return []
            self._next[order.key] += 1
            if batches := batches_of_round(self._storage, brief, order, round_):
                return batches

    def _open_settlements(self, order: Order) -> list[str]:
        done = self._instance.get_materialized_partitions(SETTLED)
        made = len(settlements_of(self._storage, order.key))
        numbers = range(made + is_due(self._storage, self._orders[order], order))
        keys = [settlement_key(order.key, number) for number in numbers]
        return [key for key in keys if key not in done and key not in self._tried]

    def _execute(self, job: str, key: str) -> None:
        self._heard.problem(self._engine.execute(job, key, report=self._heard.of(key)))
