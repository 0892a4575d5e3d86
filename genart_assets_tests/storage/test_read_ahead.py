from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from genart_assets.storage.read_ahead import DEPTH, read_ahead


def test_items_come_in_order() -> None:
    assert list(read_ahead(iter(range(100)))) == list(range(100))


def test_an_error_comes_where_it_occurred() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("damaged")

    ahead = read_ahead(items())
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="damaged"):
        next(ahead)


def test_only_a_few_items_are_computed_ahead() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for i in range(100):
            made.append(i)
            yield i

    ahead = read_ahead(items())
    for i in range(10):
        assert next(ahead) == i
        assert len(made) <= i + 1 + DEPTH + 1


def test_a_reader_that_stops_early_ends_the_worker_and_its_items() -> None:
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(100)
        finally:
            closed.set()

    ahead = read_ahead(items())
    next(ahead)
    ahead.close()  # type: ignore[attr-defined]
    assert closed.wait(10)


def test_closing_never_waits_for_the_worker() -> None:
    """The garbage collector closes abandoned readers, also in the thread that the worker's own reading needs."""
    closed = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        assert closed.wait(10)
        yield 2

    ahead = read_ahead(items())
    next(ahead)
    ahead.close()  # type: ignore[attr-defined]
    closed.set()
