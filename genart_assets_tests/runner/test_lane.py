"""As many executions at a time as the engine takes, and none after it was given up."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from threading import Barrier, Event

import pytest

from genart_assets.errors import InputError
from genart_assets.runner.engine import NO_CONFIG, Config, Engine, Report
from genart_assets.runner.lane import Lane


class Idle(Engine):
    name = "idle"

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.prepared: list[str] = []

    def prepare(self, job: str) -> None:
        self.prepared.append(job)

    def execute(
        self, job: str, key: str, *, assets: Sequence[str] = (), config: Config = NO_CONFIG, report: Report
    ) -> str | None:
        return None


def _fail(item: int) -> None:
    raise InputError(f"item {item}")


def test_where_the_engine_takes_none_beside_the_caller_items_are_done_one_after_the_other() -> None:
    engine = Idle(0)
    lane = Lane(engine, "render")
    done: list[tuple[int, threading.Thread]] = []
    for item, _ in lane.each(lambda item: done.append((item, threading.current_thread())), [1, 2]):
        assert [one for one, _ in done] == list(range(1, item + 1))
    lane.begin(lambda item: done.append((item, threading.current_thread())), 3)
    assert done == [(item, threading.current_thread()) for item in (1, 2, 3)]
    assert engine.prepared == ["render"]
    lane.finish()


def test_two_at_a_time_are_done_at_the_same_time() -> None:
    lane = Lane(Idle(2), "render")
    together = Barrier(2)
    places = dict(lane.each(lambda item: (item, together.wait(60)), range(4)))
    assert {item: done for item, (done, _) in places.items()} == {item: item for item in range(4)}
    lane.join()


def test_what_fails_beside_the_caller_is_raised_when_it_is_waited_for() -> None:
    lane = Lane(Idle(1), "deliver")
    lane.begin(_fail, 7)
    with pytest.raises(InputError, match="item 7"):
        lane.finish()
    with pytest.raises(InputError, match="item 8"):
        list(lane.each(_fail, [8]))
    lane.join()


def test_what_waits_is_given_up_and_what_is_under_way_is_waited_for() -> None:
    lane = Lane(Idle(1), "deliver")
    began, stop = Event(), Event()
    done: list[int] = []

    def work(item: int) -> None:
        began.set()
        stop.wait(60)
        done.append(item)

    for item in (1, 2, 3):
        lane.begin(work, item)
    assert began.wait(60)
    lane.give_up()
    stop.set()
    lane.join()
    assert done == [1]
