"""A worker thread that computes the next items while the reader uses the present one."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")
DEPTH = 2


def read_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The items of an iterator, up to ``DEPTH`` of them computed ahead; its error is raised where it occurs.

    A reader that stops early leaves the worker to end by itself: the garbage collector may close this generator in any
    thread, also in the one of fsspec's event loop, which the worker needs and which therefore must not wait for it.
    """
    queue: Queue[tuple[Item] | BaseException | None] = Queue(DEPTH)
    abandoned = Event()

    def offer(entry: tuple[Item] | BaseException | None) -> bool:
        while not abandoned.is_set():
            try:
                queue.put(entry, timeout=0.1)
            except Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not offer((item,)):
                    if isinstance(items, Generator):
                        items.close()
                    return
        except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
            offer(error)
        else:
            offer(None)

    Thread(target=work, name="read-ahead", daemon=True).start()
    try:
        while (entry := queue.get()) is not None:
            if isinstance(entry, BaseException):
                raise entry
            yield entry[0]
    finally:
        abandoned.set()
