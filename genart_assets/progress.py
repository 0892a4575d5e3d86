"""Who wants to know how far an asset's batch has come is told here.

Listeners belong to the context in which they subscribe: of two batches in one process each is heard by its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, str, int, int], None]

_listeners: ContextVar[tuple[Listener, ...]] = ContextVar("progress", default=())


@contextmanager
def subscribe(listener: Listener) -> Generator[None]:
    """Have ``listener(asset, batch, done, total)`` called at each report of what is called inside the block; also from
    threads that write for it.
    """
    token = _listeners.set((*_listeners.get(), listener))
    try:
        yield
    finally:
        _listeners.reset(token)


def report(asset: str, batch: str, done: int, total: int) -> None:
    """Tell all listeners that ``done`` of the ``total`` rows are stored, failed ones included."""
    reporter(asset, batch)(done, total)


def reporter(asset: str, batch: str) -> Callable[[int, int], None]:
    """As `report`, to whoever listens now: for a thread that knows nothing of this context."""
    listeners = _listeners.get()

    def tell(done: int, total: int) -> None:
        for listener in listeners:
            listener(asset, batch, done, total)

    return tell
