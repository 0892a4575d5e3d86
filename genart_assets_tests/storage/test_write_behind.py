from __future__ import annotations

import threading

import pytest

from genart_assets.storage.write_behind import DEPTH, WriteBehind


def test_jobs_run_in_order_on_another_thread() -> None:
    done: list[tuple[int, bool]] = []
    with WriteBehind() as behind:
        for i in range(10):
            behind.submit(lambda i=i: done.append((i, threading.current_thread() is threading.main_thread())))
    assert done == [(i, False) for i in range(10)]


def test_what_was_handed_over_is_written_though_the_block_fails() -> None:
    done: list[int] = []

    def block() -> None:
        with WriteBehind() as behind:
            behind.submit(lambda: done.append(1))
            raise RuntimeError("stage")

    with pytest.raises(RuntimeError, match="stage"):
        block()
    assert done == [1]


def test_an_error_stops_the_writing_and_reaches_the_caller() -> None:
    done: list[int] = []

    def fail() -> None:
        raise OSError("disk")

    def block() -> None:
        with WriteBehind() as behind:
            behind.submit(fail)
            for i in range(100):
                behind.submit(lambda i=i: done.append(i))

    with pytest.raises(OSError, match="disk"):
        block()
    assert done == []


def test_at_most_a_few_jobs_wait() -> None:
    gate = threading.Event()
    handed_over = 0
    with WriteBehind() as behind:

        def feed() -> None:
            nonlocal handed_over
            for _ in range(10):
                behind.submit(gate.wait)  # type: ignore[arg-type]
                handed_over += 1

        feeder = threading.Thread(target=feed)
        feeder.start()
        feeder.join(0.2)
        assert handed_over <= DEPTH + 1
        gate.set()
        feeder.join()
    assert handed_over == 10
