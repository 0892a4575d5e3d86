"""What executes the passes of a batch: in this process, in others beside it, or wherever a package of one's own does.

An engine is a class that its package registers under a name in the entry point group ``genart_assets.engines``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from genart_assets.plugins import ExtensionPoint

if TYPE_CHECKING:
    import dagster as dg

    from genart_assets.instance.home import Home

Config = Mapping[str, Mapping[str, object]]
NO_CONFIG: Config = MappingProxyType({})


class Report(Protocol):
    """Where an engine says what happens during one execution. Safe to call from several threads."""

    def progress(self, asset: str, done: int, total: int) -> None:
        """Of the ``total`` rows of an asset ``done`` are stored, failed ones included."""
        ...

    def model_seconds(self, stage: str, seconds: float) -> None:
        """So long one more model call took; ``stage`` is encode, denoise, decode or critic."""
        ...

    def problem(self, problem: str) -> None:
        """Something went wrong that did not end the execution, in one line; the command's summary names it."""
        ...


class Engine(Protocol):
    """Executes jobs, each for one partition, as runs of the home's Dagster instance.

    What an execution computes is in the storage when `execute` returns; the caller gets no rows and no tensors. The
    caller holds the batch meanwhile, so that no other command works on it. Whoever draws waits for its turn at the
    device itself.
    """

    name: str
    at_once: int
    """Executions of one job that may be under way at a time, each asked for by a thread of its own. 0: the caller's own
    thread executes, one after the other."""

    def prepare(self, job: str) -> None:
        """Executions of ``job`` follow soon: what they need may begin to start. Callers that know it in time say so.

        Raises:
            GenartError: they cannot be executed here.
        """

    def execute(
        self, job: str, key: str, *, assets: Sequence[str] = (), config: Config = NO_CONFIG, report: Report
    ) -> str | None:
        """Execute a job for one partition, for example ``render`` for a batch or ``learn`` for a style.

        With ``assets`` only these of the job's. ``config`` has the config of each asset that takes one. Rows that are
        stored already are not computed again.

        Returns None when all went well, else one line that says which asset failed and why; a failure is an answer here
        and not an exception, since the other batches go on.
        """
        ...

    def stop(self) -> None:
        """End at once what the engine started, also in the middle of an execution, which then returns. Called once,
        when nothing more is asked of the engine or the command is interrupted.
        """


class EngineClass(Protocol):
    """What is registered: called once a command, with the home to work on and its open Dagster instance."""

    name: str

    def __call__(self, home: Home, instance: dg.DagsterInstance) -> Engine: ...


ENGINES = ExtensionPoint[EngineClass]("genart_assets.engines", "engine")
"""Engines by name. An unknown name is refused with the known ones."""
