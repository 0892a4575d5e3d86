"""The engine that executes each job in a process of its own, beside the caller."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genart_assets.instance.home import Home
from genart_assets.runner.engine import NO_CONFIG, Config, Engine, Report

if TYPE_CHECKING:
    import dagster as dg

WORDS = {"render": ("rendered", "rendering"), "deliver": ("delivered", "delivery")}


class Subprocess(Engine):
    """One worker a job; it starts with `prepare`, so that its imports do not wait for the first batch."""

    name = "subprocess"
    at_once = 1

    def __init__(self, home: Home, instance: dg.DagsterInstance) -> None:
        self._environment = home.environment
        self._workers: dict[str, _Worker] = {}

    def prepare(self, job: str) -> None:
        if job not in self._workers:
            self._workers[job] = _Worker(job, self._environment)

    def execute(
        self, job: str, key: str, *, assets: Sequence[str] = (), config: Config = NO_CONFIG, report: Report
    ) -> str | None:
        self.prepare(job)
        order = {"batch": key, "assets": list(assets), "config": {asset: dict(own) for asset, own in config.items()}}
        return self._workers[job].execute(order, report)

    def stop(self) -> None:
        for worker in self._workers.values():
            worker.stop()


class _Worker:
    """The parent's end of `worker`: hands it one order at a time, and hears what becomes of it."""

    def __init__(self, job: str, environment: dict[str, str]) -> None:
        self._done, self._what = WORDS.get(job, (f"executed by {job}", job))
        module = ("delivery_worker",) if job == "deliver" else ("worker", job)
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.{module[0]}", *module[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            text=True,
            start_new_session=True,  # a Ctrl-C in the terminal reaches the parent, which decides
        )
        self._turn = threading.Lock()
        self._answered = False
        self._refusal = ""

    def execute(self, order: dict[str, Any], report: Report) -> str | None:
        """Whether and why the worker failed; one that died is the answer to this order and to all that follow."""
        assert self._process.stdout
        with self._turn:
            self._answered = False
            self._write(order)
            for line in self._process.stdout:
                said = json.loads(line)
                if "problem" in said:
                    self._answered = True
                    return said["problem"]
                if not pass_on(said, report):
                    self._refusal = said["refusal"]
            status = self._process.wait()
        why = self._refusal or f"the {self._what} process ended with status {status}"
        return f"{order['batch']}: not {self._done}: {why}; run the same command again, what is stored is kept"

    def stop(self) -> None:
        """End the worker: where it has nothing to do, in order; else at once, in the middle of a file if need be.

        Nothing half-written is ever seen.
        """
        idle = self._turn.acquire(blocking=False)
        try:
            if idle and self._answered:
                self._write({"end": True})
            else:
                self._process.kill()
            self._process.wait()
        finally:
            if idle:
                self._turn.release()

    def _write(self, order: dict[str, Any]) -> None:
        assert self._process.stdin
        try:
            print(json.dumps(order), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            return  # the worker is dead: its output ends, and the answer is that


def pass_on(said: dict[str, Any], report: Report) -> bool:
    """Give what a worker says of an execution to its report; False for what is none of that."""
    match said:
        case {"progress": [asset, done, total]}:
            report.progress(asset, done, total)
        case {"model_seconds": [stage, seconds]}:
            report.model_seconds(stage, seconds)
        case {"noticed": problem}:
            report.problem(problem)
        case _:
            return False
    return True
