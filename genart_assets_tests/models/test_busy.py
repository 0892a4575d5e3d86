"""Model calls are heard in the context that makes them, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from genart_assets.models.busy import heard_by, listening, model_call


def _call(kind: str) -> None:
    with model_call(kind):
        pass


def test_a_call_is_heard_by_all_who_listen_around_it() -> None:
    outer: list[str] = []
    inner: list[str] = []
    _call("encode")
    with listening(lambda kind, _: outer.append(kind)):
        with listening(lambda kind, seconds: inner.append(f"{kind} {seconds >= 0}")):
            _call("denoise")
        _call("decode")
    _call("critic")
    assert (outer, inner) == (["denoise", "decode"], ["denoise True"])


def test_two_threads_at_once_hear_their_own_calls() -> None:
    together = Barrier(2)

    def work(kind: str) -> list[str]:
        heard: list[str] = []
        with listening(lambda kind, _: heard.append(kind)):
            for _ in range(3):
                together.wait(60)
                with model_call(kind):
                    together.wait(60)
        return heard

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(work, ["denoise", "decode"])) == [["denoise"] * 3, ["decode"] * 3]


def test_the_calls_of_an_iterators_reader_are_not_its_own() -> None:
    def items() -> Iterator[int]:
        for item in range(2):
            _call("denoise")
            yield item

    heard: list[str] = []
    everything: list[str] = []
    with listening(lambda kind, _: everything.append(kind)):
        for _ in heard_by(lambda kind, _: heard.append(kind), items()):
            _call("critic")
    assert heard == ["denoise", "denoise"]
    assert everything == ["denoise", "critic", "denoise", "critic"]
