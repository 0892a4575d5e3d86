"""`genart run`: every round of some briefs, from plan to delivered files, in one process with the model loaded once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Protocol

import dagster as dg

from genart_assets import progress
from genart_assets.defs.partitions import add_batches
from genart_assets.defs.superseded import make_current
from genart_assets.errors import BatchBusyError, StorageError
from genart_assets.instance.home import Home
from genart_assets.instance.orphans import sweep
from genart_assets.models.device import device_class
from genart_assets.records.plan import Batch
from genart_assets.runner.delivery_pass import DeliveryPass
from genart_assets.runner.device_turn import device_turn
from genart_assets.runner.execute import execute_batch
from genart_assets.runner.instance_errors import instance_explained
from genart_assets.runner.interrupts import Interrupts
from genart_assets.runner.loop import Loop
from genart_assets.runner.order_lock import order_lock
from genart_assets.runner.plan_briefs import batches_in
from genart_assets.runner.problems import one_line
from genart_assets.runner.summary import Summary, counts_of, summarise
from genart_assets.stages.acceptance.accept_brief import Accepted
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.storage.locks import batch_lock
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore


class Watcher(Protocol):
    """Wants to know what becomes of the batches; called from several threads."""

    def planned(self, batches: Sequence[Batch]) -> None:
        """A retry round begins with these batches."""
        ...

    def rendered(self, key: str, passed: int | None) -> None:
        """The AI pass of a batch has ended with so many selected images; None if it failed."""
        ...

    def delivered(self, key: str) -> None:
        """The refinement pass of a batch has ended, one way or the other."""
        ...


def run_batches(
    home: Home, storage: Storage, accepted: Sequence[Accepted], watcher: Watcher, interrupts: Interrupts
) -> Summary:
    """Render and deliver the batches of accepted briefs, and their later rounds, going on where an earlier run stopped.

    What reviewers have decided since is taken in: what they accepted is delivered, what they sent back rendered again.

    Rendering stays in this process; delivery runs beside it in another. A batch that fails is named in the summary's
    problems and the others go on; so are the batches of an order that another `genart run` works on.

    Raises:
        InputError: the device that the environment asks for is not here.
        StorageError: the Dagster instance cannot be read or written. Interrupted: a signal came.
    """
    problems: list[str] = []
    new = NewImages()
    planned = batches_in(accepted)
    everything = list(planned)
    with instance_explained(home), home.instance() as instance, progress.subscribe(new), ExitStack() as cleanup:
        sweep(instance)
        mine = _not_busy(planned, storage, cleanup, problems)
        ours = {batch.order for batch in mine}
        for one in {one.brief.brief: one for one in accepted if one.order.key in ours}.values():
            make_current(instance, storage, one)
        passes = Passes(home, storage, instance, watcher, interrupts, cleanup, problems)
        books = [OrderBook.open(storage, key) for key in dict.fromkeys(batch.order for batch in mine)]
        loop = Loop(instance, books, problems)
        while mine or loop.settle():
            passes.work(mine)
            mine = loop.next_round()
            everything += mine
            watcher.planned(mine)
        passes.finish()
    return summarise(storage, everything, new.count, problems)


class Passes:
    """The AI pass of batches in this process, and their refinement pass in another beside it."""

    def __init__(
        self,
        home: Home,
        storage: Storage,
        instance: dg.DagsterInstance,
        watcher: Watcher,
        interrupts: Interrupts,
        cleanup: ExitStack,
        problems: list[str],
    ) -> None:
        self._home, self._storage, self._instance = home, storage, instance
        self._watcher, self._interrupts = watcher, interrupts
        self._cleanup, self._problems = cleanup, problems
        self._delivery: DeliveryPass | None = None

    def work(self, batches: Sequence[Batch]) -> None:
        """Render and judge some batches, one after the other, and hand each to delivery."""
        add_batches(self._instance, [batch.key for batch in batches])
        rendered = _complete(self._instance, self._storage, batches, "provenance")
        done = _complete(self._instance, self._storage, batches, "deliveries")
        if len(rendered) < len(batches):
            device_class()
        if len(done) < len(batches) and self._delivery is None:
            self._cleanup.callback(sweep, self._instance)
            self._delivery = DeliveryPass(self._home.environment, self._delivered)
            self._cleanup.callback(self._delivery.stop)
        for batch in batches:
            problem = None
            if batch.key not in rendered:
                problem = _render(batch, self._home, self._storage, self._instance)
            self._interrupts.check()
            try:
                self._watcher.rendered(batch.key, None if problem else counts_of(self._storage, batch.key).passed)
            except StorageError as error:
                problem = f"{batch.key}: {one_line(error)}"
            if problem:
                self._problems.append(problem)
            elif batch.key in done or self._delivery is None:
                self._watcher.delivered(batch.key)
            else:
                self._delivery.send(batch.key)

    def finish(self) -> None:
        """Wait for the deliveries."""
        if self._delivery:
            self._delivery.finish()

    def _delivered(self, key: str, problem: str | None) -> None:
        self._problems.extend([problem] if problem else [])
        self._watcher.delivered(key)


class NewImages:
    """Counts the images whose latents this process stores; a listener of `progress`."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}
        self._last: dict[str, int] = {}

    def __call__(self, asset: str, batch: str, done: int, total: int) -> None:
        if asset == "latents":
            self._first.setdefault(batch, done)
            self._last[batch] = done

    @property
    def count(self) -> int:
        return sum(last - self._first[batch] for batch, last in self._last.items())


def _not_busy(planned: Sequence[Batch], storage: Storage, cleanup: ExitStack, problems: list[str]) -> list[Batch]:
    """The batches whose order is ours until ``cleanup`` closes; who works on the others goes into ``problems``."""
    orders: dict[str, list[Batch]] = {}
    for batch in planned:
        orders.setdefault(batch.order, []).append(batch)
    mine: list[Batch] = []
    for batches in orders.values():
        try:
            cleanup.enter_context(order_lock(storage, batches))
        except BatchBusyError as error:
            problems.append(one_line(error))
        else:
            mine += batches
    return mine


def _render(batch: Batch, home: Home, storage: Storage, instance: dg.DagsterInstance) -> str | None:
    try:
        with batch_lock(storage, batch.key), device_turn(home, instance):
            return execute_batch("render", batch.key, instance)
    except BatchBusyError as error:
        return one_line(error)


def _complete(instance: dg.DagsterInstance, storage: Storage, planned: Sequence[Batch], asset: str) -> set[str]:
    """The batches whose ``asset`` Dagster knows and the storage holds."""
    told = instance.get_materialized_partitions(dg.AssetKey(asset))
    return {batch.key for batch in planned if batch.key in told and _sealed(storage, batch, asset)}


def _sealed(storage: Storage, batch: Batch, asset: str) -> bool:
    try:
        return TableStore(storage, asset, batch.key).sealed()
    except StorageError:
        return False  # the batch's own run meets the damage again, and names it
