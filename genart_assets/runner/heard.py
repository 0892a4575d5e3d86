"""What a command hears of its executions, whichever engine executes them: gathered for the watcher and the summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

Watching = Callable[[str, str, int, int], None]
"""Takes the partition's key, the asset, and how many of how many rows are stored."""


def unwatched(key: str, asset: str, done: int, total: int) -> None:
    """For who does not want to know how far an asset has come."""


class Heard:
    """Problems, model seconds and stored rows of all executions of a command. Safe to share between threads."""

    def __init__(self, watching: Watching = unwatched) -> None:
        self._watching = watching
        self._lock = Lock()
        self._problems: list[str] = []
        self._seconds: dict[str, float] = {}
        self._first: dict[str, int] = {}
        self._last: dict[str, int] = {}

    def of(self, key: str) -> ExecutionReport:
        """The report of one execution for the partition ``key``."""
        return ExecutionReport(self, key)

    @property
    def problems(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._problems)

    @property
    def line(self) -> str:
        """All problems as one; empty where there was none."""
        return "; ".join(self.problems)

    @property
    def model_seconds(self) -> dict[str, float]:
        """By stage."""
        with self._lock:
            return dict(self._seconds)

    @property
    def new_images(self) -> int:
        """Images whose latents these executions stored."""
        with self._lock:
            return sum(last - self._first[key] for key, last in self._last.items())

    def progress(self, key: str, asset: str, done: int, total: int) -> None:
        if asset == "latents":
            with self._lock:
                self._first.setdefault(key, done)
                self._last[key] = done
        self._watching(key, asset, done, total)

    def spent(self, stage: str, seconds: float) -> None:
        with self._lock:
            self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds

    def problem(self, problem: str | None) -> None:
        """One more problem, unless it is None."""
        if problem is not None:
            with self._lock:
                self._problems.append(problem)


@dataclass(frozen=True)
class ExecutionReport:
    """A `Report` that knows which partition it is about."""

    heard: Heard
    key: str

    def progress(self, asset: str, done: int, total: int) -> None:
        self.heard.progress(self.key, asset, done, total)

    def model_seconds(self, stage: str, seconds: float) -> None:
        self.heard.spent(stage, seconds)

    def problem(self, problem: str) -> None:
        self.heard.problem(problem)
