"""Who wants to know how far an asset's batch has come is told here."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Lock

Listener = Callable[[str, str, int, int], None]

_lock = Lock()
_listeners: tuple[Listener, ...] = ()


@contextmanager
def subscribe(listener: Listener) -> Generator[None]:
    """Have ``listener(asset, batch, done, total)`` called at each report inside the block, from writing threads."""
    global _listeners
    with _lock:
        _listeners = (*_listeners, listener)
    try:
        yield
    finally:
        with _lock:
            _listeners = tuple(known for known in _listeners if known != listener)


def report(asset: str, batch: str, done: int, total: int) -> None:
    """Tell all listeners that ``done`` of the ``total`` rows are stored, failed ones included."""
    for listener in _listeners:
        listener(asset, batch, done, total)
