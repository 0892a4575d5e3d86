"""A process that executes jobs for the parent that started it: the other end of `subprocess_engine`.

Run as ``python -m genart_assets.runner.worker JOB``. It reads one JSON object a line on standard input:
``{"batch": key}``, with ``assets`` and ``config`` where they are wanted, at last ``{"end": true}``. It executes them in
that order, and answers each with one line, ``{"batch": key, "problem": null}``. Lines before that report on it:
``{"progress": [asset, done, total]}``, ``{"model_seconds": [stage, seconds]}``, ``{"noticed": problem}``. If it cannot
work at all, its one line is ``{"refusal": why}``. When its input ends without the last line, its parent has died, and
so does it at once.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from genart_assets.errors import GenartError
from genart_assets.instance import process_settings
from genart_assets.instance.home import Home
from genart_assets.runner.execute import assets_of
from genart_assets.runner.in_process import InProcess
from genart_assets.runner.instance_errors import instance_explained
from genart_assets.runner.problems import one_line
from genart_assets.storage.locks import holder_of
from genart_assets.storage.root import Storage

PREDECESSOR_SECONDS = 20.0
"""A worker whose parent was killed is about to end; so long its batch may still be locked."""


@dataclass(frozen=True)
class Order:
    """One partition to execute the job for."""

    batch: str
    """Its key: a batch's, or a style's."""
    assets: Sequence[str] = ()
    config: dict[str, dict[str, object]] = field(default_factory=dict)


class Answers:
    """The lines to the parent; a `Report`, written by several threads."""

    def __init__(self, lines: TextIO) -> None:
        self._lines, self._lock = lines, threading.Lock()

    def say(self, **said: object) -> None:
        line = json.dumps(said)
        with self._lock:
            print(line, file=self._lines, flush=True)

    def progress(self, asset: str, done: int, total: int) -> None:
        self.say(progress=(asset, done, total))

    def model_seconds(self, stage: str, seconds: float) -> None:
        self.say(model_seconds=(stage, seconds))

    def problem(self, problem: str) -> None:
        self.say(noticed=problem)


def work(job: str) -> None:
    """Execute ``job`` for what standard input asks for, and end with the process' exit code."""
    orders: queue.Queue[Order | None] = queue.Queue()
    threading.Thread(target=_read_orders, args=(sys.stdin, orders), daemon=True).start()
    answers = Answers(os.fdopen(os.dup(1), "w"))
    os.dup2(2, 1)
    try:
        _execute(job, orders, answers)
        process_settings.end()
    except GenartError as error:
        answers.say(refusal=one_line(error))
        raise SystemExit(error.exit_code) from None


def _read_orders(lines: Iterable[str], orders: queue.Queue[Order | None]) -> None:
    for line in lines:
        said = json.loads(line)
        if said.get("end"):
            orders.put(None)
            return
        orders.put(Order(**said))
    os._exit(1)


def _execute(job: str, orders: queue.Queue[Order | None], answers: Answers) -> None:
    home = Home.open()
    storage = Storage.open(home.storage_root)
    with instance_explained(home), home.instance() as instance:
        engine = InProcess(home, instance)
        engine.prepare(job)
        while (order := orders.get()) is not None:
            _outlive_predecessor(storage, order.batch, assets_of(job))
            problem = engine.execute(job, order.batch, assets=order.assets, config=order.config, report=answers)
            answers.say(batch=order.batch, problem=problem)


def _outlive_predecessor(storage: Storage, key: str, assets: Iterable[str]) -> None:
    until = time.monotonic() + PREDECESSOR_SECONDS
    for asset in assets:
        while holder_of(storage, key, asset=asset) and time.monotonic() < until:
            time.sleep(0.05)


if __name__ == "__main__":
    process_settings.begin()
    work(sys.argv[1])
