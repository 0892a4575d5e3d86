"""`genart run`: every batch of some briefs, from plan to delivered files, in one process with the model loaded once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Protocol

import dagster as dg

from genart_assets import progress, schemas
from genart_assets.catalogue import brief_of
from genart_assets.defs.partitions import add_batches
from genart_assets.defs.superseded import make_current
from genart_assets.errors import BatchBusyError, StorageError
from genart_assets.instance.home import Home
from genart_assets.instance.orphans import sweep
from genart_assets.models.device import device_class
from genart_assets.records import Batch
from genart_assets.runner.delivery_pass import DeliveryPass
from genart_assets.runner.device_turn import device_turn
from genart_assets.runner.execute import execute_batch
from genart_assets.runner.instance_errors import instance_explained
from genart_assets.runner.interrupts import Interrupts
from genart_assets.runner.order_lock import order_lock, order_of
from genart_assets.runner.problems import one_line
from genart_assets.runner.summary import Summary, counts_of, summarise
from genart_assets.storage.locks import batch_lock
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore


class Watcher(Protocol):
    """Wants to know what becomes of the batches; called from several threads."""

    def rendered(self, key: str, passed: int | None) -> None:
        """The AI pass of a batch has ended with so many selected images; None if it failed."""
        ...

    def delivered(self, key: str) -> None:
        """The refinement pass of a batch has ended, one way or the other."""
        ...


def run_batches(
    home: Home, storage: Storage, planned: Sequence[Batch], watcher: Watcher, interrupts: Interrupts
) -> Summary:
    """Render and deliver batches that are accepted, going on where an earlier run of them stopped.

    Rendering stays in this process; delivery runs beside it in another. A batch that fails is named in the summary's
    problems and the others go on; so are the batches of an order that another `genart run` works on.

    Raises:
        InputError: the device that the environment asks for is not here.
        StorageError: the Dagster instance cannot be read or written. Interrupted: a signal came.
    """
    problems: list[str] = []
    new = NewImages()

    def delivered(key: str, problem: str | None) -> None:
        problems.extend([problem] if problem else [])
        watcher.delivered(key)

    with instance_explained(home), home.instance() as instance, progress.subscribe(new), ExitStack() as cleanup:
        sweep(instance)
        mine = _not_busy(planned, storage, cleanup, problems)
        add_batches(instance, [batch.key for batch in mine])
        for batch in {batch.brief_hash: batch for batch in mine}.values():
            make_current(instance, storage, brief_of(storage, batch))
        rendered = _complete(instance, storage, mine, "selected_images")
        done = _complete(instance, storage, mine, "deliveries")
        if len(rendered) < len(mine):
            device_class()
        delivery = None
        if len(done) < len(mine):
            cleanup.callback(sweep, instance)
            delivery = DeliveryPass(home.environment, delivered)
            cleanup.callback(delivery.stop)
        for batch in mine:
            problem = None if batch.key in rendered else _render(batch, home, storage, instance)
            interrupts.check()
            try:
                watcher.rendered(batch.key, None if problem else counts_of(storage, batch.key).passed)
            except StorageError as error:
                problem = f"{batch.key}: {one_line(error)}"
            if problem:
                problems.append(problem)
            elif batch.key in done or delivery is None:
                watcher.delivered(batch.key)
            else:
                delivery.send(batch.key)
        if delivery:
            delivery.finish()
    return summarise(storage, planned, new.count, problems)


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
        orders.setdefault(order_of(batch), []).append(batch)
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
        return TableStore(storage, asset, batch.key, schemas.BY_ASSET[asset]).sealed()
    except StorageError:
        return False  # the batch's own run meets the damage again, and names it
