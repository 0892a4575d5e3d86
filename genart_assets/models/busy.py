"""How long is spent inside model calls, by kind of call.

Listeners belong to the context in which they listen: of two batches in one process each hears of its own calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")
Heard = Callable[[str, float], None]
"""Takes the kind of a call and its seconds. On CUDA a call ends when its result is asked for, not before."""

_listeners: ContextVar[tuple[Heard, ...]] = ContextVar("model_calls", default=())


@contextmanager
def model_call(kind: str) -> Generator[None]:
    """Measures one model call; ``kind`` is encode, denoise, decode or critic."""
    began = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - began
        for heard in _listeners.get():
            heard(kind, seconds)


@contextmanager
def listening(heard: Heard) -> Generator[None]:
    """Have ``heard(kind, seconds)`` called after each model call inside the block."""
    token = _listeners.set((*_listeners.get(), heard))
    try:
        yield
    finally:
        _listeners.reset(token)


def heard_by(heard: Heard, items: Iterable[Item]) -> Iterator[Item]:
    """The items; ``heard`` hears the model calls that making them takes, and no calls of who asks for them."""
    iterator = iter(items)
    while True:
        with listening(heard):
            try:
                item = next(iterator)
            except StopIteration:
                return
        yield item
