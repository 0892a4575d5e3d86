"""A worker thread that writes what the main thread hands over, a few items behind."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue
from threading import Event, Thread
from types import TracebackType

DEPTH = 2


class WriteBehind:
    """Runs jobs in order on one thread; at most ``DEPTH`` wait. The first error stops it and is raised to the caller.

    Leaving the block waits for the jobs handed over so far, also when the block itself failed: they are progress.
    """

    def __init__(self) -> None:
        self._jobs: Queue[Callable[[], None] | None] = Queue(DEPTH)
        self._failed = Event()
        self._error: BaseException | None = None
        self._thread = Thread(target=self._work, name="write-behind", daemon=True)

    def submit(self, job: Callable[[], None]) -> None:
        self._raise_error()
        self._jobs.put(job)

    def __enter__(self) -> WriteBehind:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._jobs.put(None)
        self._thread.join()
        if error is None or self._error is not error:
            self._raise_error()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._failed.is_set():
                continue
            try:
                job()
            except BaseException as error:  # noqa: BLE001 - raised again in the main thread
                self._error = error
                self._failed.set()
