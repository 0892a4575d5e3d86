"""Executions of one job, as many at a time as the engine takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TypeVar

from genart_assets.runner.engine import Engine

Item = TypeVar("Item")
Result = TypeVar("Result")


class Lane:
    """Asks an engine for executions of a job: in the caller's thread where it takes none beside it, else in others."""

    def __init__(self, engine: Engine, job: str) -> None:
        engine.prepare(job)
        self._threads = ThreadPoolExecutor(engine.at_once, thread_name_prefix=job) if engine.at_once else None
        self._begun: list[Future[None]] = []

    def each(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[tuple[Item, Result]]:
        """The items with what ``work`` makes of each, as it is done."""
        if self._threads is None:
            for item in items:
                yield item, work(item)
            return
        asked = {self._threads.submit(work, item): item for item in items}
        for future in as_completed(asked):
            yield asked[future], future.result()

    def begin(self, work: Callable[[Item], None], item: Item) -> None:
        """Have ``work`` done beside the caller, or now; `finish` raises what it raises."""
        if self._threads is None:
            work(item)
        else:
            self._begun.append(self._threads.submit(work, item))

    def finish(self) -> None:
        """Wait for all that began."""
        for future in self._begun:
            future.result()

    def give_up(self) -> None:
        """Begin nothing more of what waits."""
        if self._threads:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def join(self) -> None:
        """Wait until no thread is left; what is under way must have been stopped."""
        if self._threads:
            self._threads.shutdown()
