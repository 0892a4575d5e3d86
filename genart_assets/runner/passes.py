"""The two passes of batches: the engines are asked for what is not stored yet, and the watcher hears how it goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import repeat
from typing import Protocol

import dagster as dg

from genart_assets.defs.partitions import add_batches
from genart_assets.errors import BatchBusyError, StorageError
from genart_assets.instance.home import Home
from genart_assets.instance.orphans import sweep
from genart_assets.records.plan import Batch
from genart_assets.runner.engine import Engine, EngineClass
from genart_assets.runner.heard import Heard
from genart_assets.runner.in_process import InProcess
from genart_assets.runner.interrupts import Interrupts
from genart_assets.runner.lane import Lane
from genart_assets.runner.problems import one_line
from genart_assets.runner.subprocess_engine import Subprocess
from genart_assets.runner.summary import counts_of
from genart_assets.storage.locks import batch_lock
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore


class Watcher(Protocol):
    """Wants to know what becomes of the batches; called from several threads."""

    def planned(self, batches: Sequence[Batch]) -> None:
        """A retry round begins with these batches."""
        ...

    def progress(self, key: str, asset: str, done: int, total: int) -> None:
        """So many rows of an asset of a batch are stored, failed ones included."""
        ...

    def rendered(self, key: str, passed: int | None) -> None:
        """The AI pass of a batch has ended with so many selected images; None if it failed."""
        ...

    def delivered(self, key: str) -> None:
        """The refinement pass of a batch has ended, one way or the other."""
        ...


@dataclass(frozen=True)
class Engines:
    """What executes what: the AI pass, the refinement pass, and the loop's turns between the rounds."""

    rendering: Engine
    delivery: Engine
    turns: Engine

    @classmethod
    def of(cls, home: Home, instance: dg.DagsterInstance, wanted: EngineClass | None = None) -> Engines:
        """Both passes by the engine that is wanted; by default rendering stays in this process, and deliveries go to
        another beside it. The turns compute little and stay here.
        """
        here = InProcess(home, instance)
        if wanted is None:
            return cls(here, Subprocess(home, instance), here)
        both = wanted(home, instance)
        return cls(both, both, here)


class Passes:
    """The AI pass of batches, and beside it the refinement pass of those that are drawn."""

    def __init__(
        self,
        engines: Engines,
        storage: Storage,
        instance: dg.DagsterInstance,
        watcher: Watcher,
        interrupts: Interrupts,
        cleanup: ExitStack,
        heard: Heard,
    ) -> None:
        self._engines, self._storage, self._instance = engines, storage, instance
        self._watcher, self._interrupts = watcher, interrupts
        self._heard = heard
        self._lanes: dict[str, Lane] = {}
        cleanup.callback(self._end)

    def work(self, batches: Sequence[Batch]) -> None:
        """Render and judge some batches, and hand each to delivery as soon as that is done."""
        add_batches(self._instance, [batch.key for batch in batches])
        rendered = _complete(self._instance, self._storage, batches, "provenance")
        done = _complete(self._instance, self._storage, batches, "deliveries")
        if len(rendered) < len(batches):
            self._lane("render", self._engines.rendering)
        if len(done) < len(batches):
            self._lane("deliver", self._engines.delivery)
        for batch, problem in self._rendered(batches, rendered):
            self._interrupts.check()
            try:
                self._watcher.rendered(batch.key, None if problem else counts_of(self._storage, batch.key).passed)
            except StorageError as error:
                problem = f"{batch.key}: {one_line(error)}"
            if problem:
                self._heard.problem(problem)
            elif batch.key in done:
                self._watcher.delivered(batch.key)
            else:
                self._lanes["deliver"].begin(self._deliver, batch)

    def finish(self) -> None:
        """Wait for the deliveries."""
        for lane in self._lanes.values():
            lane.finish()

    def _lane(self, job: str, engine: Engine) -> None:
        if job not in self._lanes:
            self._lanes[job] = Lane(engine, job)

    def _rendered(self, batches: Sequence[Batch], before: set[str]) -> Iterator[tuple[Batch, str | None]]:
        def render(batch: Batch) -> str | None:
            return None if batch.key in before else self._render(batch)

        return self._lanes["render"].each(render, batches) if "render" in self._lanes else zip(batches, repeat(None))

    def _render(self, batch: Batch) -> str | None:
        try:
            with batch_lock(self._storage, batch.key):
                return self._engines.rendering.execute("render", batch.key, report=self._heard.of(batch.key))
        except BatchBusyError as error:
            return one_line(error)

    def _deliver(self, batch: Batch) -> None:
        self._heard.problem(self._engines.delivery.execute("deliver", batch.key, report=self._heard.of(batch.key)))
        self._watcher.delivered(batch.key)

    def _end(self) -> None:
        """Nothing goes on: what was started is stopped, and the runs of processes that were ended are swept."""
        with ExitStack() as ending:
            ending.callback(sweep, self._instance)
            for lane in self._lanes.values():
                ending.callback(lane.join)
            for engine in {id(one): one for one in vars(self._engines).values()}.values():
                ending.callback(engine.stop)
            for lane in self._lanes.values():
                ending.callback(lane.give_up)


def _complete(instance: dg.DagsterInstance, storage: Storage, planned: Sequence[Batch], asset: str) -> set[str]:
    """The batches whose ``asset`` Dagster knows and the storage holds."""
    told = instance.get_materialized_partitions(dg.AssetKey(asset))
    return {batch.key for batch in planned if batch.key in told and _sealed(storage, batch, asset)}


def _sealed(storage: Storage, batch: Batch, asset: str) -> bool:
    try:
        return TableStore(storage, asset, batch.key).sealed()
    except StorageError:
        return False  # the batch's own run meets the damage again, and names it
