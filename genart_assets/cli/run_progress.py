"""The progress of `genart run`: images done, passed, failed, retried, images a second, time left."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from genart_assets.records.plan import Batch


class RunProgress:
    """Two bars: images, counted by their latents, which take the time; and delivered batches."""

    def __init__(self, console: Console, planned: Sequence[Batch]) -> None:
        self._rows = {batch.key: batch.rows for batch in planned}
        self._done: dict[str, int] = {}
        self._passed = self._failed = self._retried = 0
        self._began: float | None = None
        self._before = 0
        self._cleanup = ExitStack()
        self._bars = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
            console=console,
        )
        self._images = self._bars.add_task("images", total=sum(self._rows.values()), note="loading")
        self._deliveries = self._bars.add_task("deliveries", total=len(planned), note="batches")

    def __enter__(self) -> RunProgress:
        self._cleanup.enter_context(self._bars)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def planned(self, batches: Sequence[Batch]) -> None:
        rows = {batch.key: batch.rows for batch in batches}
        self._rows |= rows
        self._failed = max(0, self._failed - sum(rows.values()))  # a batch that broke off was not counted
        self._retried += sum(rows.values())
        self._bars.update(self._images, total=sum(self._rows.values()))
        self._bars.update(self._deliveries, total=len(self._rows))
        self._show()

    def rendered(self, key: str, passed: int | None) -> None:
        if passed is not None:
            self._done[key] = self._rows[key]
            self._passed += passed
            self._failed += self._rows[key] - passed
        self._show()

    def delivered(self, key: str) -> None:
        self._bars.advance(self._deliveries)

    def progress(self, key: str, asset: str, done: int, total: int) -> None:
        if asset != "latents":
            return
        if key not in self._done:
            self._before += done
        self._began = self._began or time.monotonic()
        self._done[key] = done
        self._show()

    def _show(self) -> None:
        done = sum(self._done.values())
        rate = ""
        if self._began is not None and done > self._before and (seconds := time.monotonic() - self._began):
            rate = f", {(done - self._before) / seconds:.1f} images/s"
        retried = f", {self._retried} retried" if self._retried else ""
        note = f"{self._passed} passed, {self._failed} failed{retried}{rate}"
        self._bars.update(self._images, completed=done, note=note)
