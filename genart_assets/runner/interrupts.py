"""Ctrl-C and its kin: heard even where Dagster holds signals back, and raised once."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import ExitStack
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAME_WISH_SECONDS = 1.0
"""A terminal and a wrapper may both pass on one Ctrl-C; a signal after that long is a second one."""


class Interrupted(KeyboardInterrupt):
    """The user, or the system, wants this process to end. What is stored is kept."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def exit_code(self) -> int:
        """As a shell tells it: 130 for Ctrl-C."""
        return 128 + self.number


class Interrupts:
    """While it is entered, the main thread hears SIGINT, SIGTERM and SIGHUP as Interrupted.

    Signals that the process was started to ignore (nohup) stay ignored. While Dagster executes a run it has handlers of
    its own: it ends the step and tells no one. Python writes every signal to a socket too, whoever handles it, and that
    is what `check` looks at. A second signal, a second or more after the first, ends the process at once: nothing
    half-written is ever seen.
    """

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None
        self._heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        self._cleanup = ExitStack()

    def __enter__(self) -> Interrupts:
        self._heard, told = socket.socketpair()
        for end in (self._heard, told):
            end.setblocking(False)
            self._cleanup.callback(end.close)
        for number in self._heeded:
            self._cleanup.callback(signal.signal, number, signal.signal(number, self._handle))
        self._cleanup.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def check(self) -> None:
        """Raises Interrupted if a signal came that somebody else has handled."""
        try:
            numbers = self._heard.recv(4096)
        except BlockingIOError:
            return
        for number in numbers:
            if number in self._heeded:
                self._begin(number)
                raise Interrupted(number)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._first is None:
            self._begin(number)
            raise Interrupted(number)
        if time.monotonic() - self._first[1] >= SAME_WISH_SECONDS:
            os._exit(128 + number)

    def _begin(self, number: int) -> None:
        self._first = self._first or (number, time.monotonic())
