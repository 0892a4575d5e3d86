"""The engine that executes in this process, where the models stay loaded from one batch to the next."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import dagster as dg

from genart_assets import progress
from genart_assets.instance.home import Home
from genart_assets.models.busy import listening
from genart_assets.runner.device_turn import device_turn
from genart_assets.runner.engine import NO_CONFIG, Config, Engine, Report
from genart_assets.runner.execute import draws, execute_job


class InProcess(Engine):
    """Executes in the thread of the caller, one run after the other also where several threads ask; what draws waits
    for its turn at the device of this machine.
    """

    name = "in-process"
    at_once = 0

    def __init__(self, home: Home, instance: dg.DagsterInstance) -> None:
        self._home, self._instance = home, instance

    def prepare(self, job: str) -> None:
        if draws(job):
            from genart_assets.models.device import device_class

            device_class()

    def execute(
        self, job: str, key: str, *, assets: Sequence[str] = (), config: Config = NO_CONFIG, report: Report
    ) -> str | None:
        def heard(asset: str, _: str, done: int, total: int) -> None:
            report.progress(asset, done, total)

        with ExitStack() as meanwhile:
            meanwhile.enter_context(progress.subscribe(heard))
            meanwhile.enter_context(listening(report.model_seconds))
            if draws(job, tuple(assets)):
                meanwhile.enter_context(device_turn(self._home, self._instance))
            return execute_job(job, key, self._instance, assets, config)

    def stop(self) -> None:
        """Nothing was started."""
