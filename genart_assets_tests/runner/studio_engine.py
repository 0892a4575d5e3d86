"""An engine as a studio's own package would hold it: two executions of a job at a time, of which one has bad luck.

What it learns of each goes to the report of that one; rows and files go to the storage.
"""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from genart_assets.instance.home import Home
from genart_assets.runner.engine import NO_CONFIG, Config, Engine, Report
from genart_assets.runner.in_process import InProcess

LOST = "node 7 was lost; what it was at is computed again"


class Nodes(Engine):
    name = "nodes"
    at_once = 2

    def __init__(self, home: Home, instance: dg.DagsterInstance) -> None:
        self._node = InProcess(home, instance)
        self._stopped = False

    def execute(
        self, job: str, key: str, *, assets: Sequence[str] = (), config: Config = NO_CONFIG, report: Report
    ) -> str | None:
        assert not self._stopped
        if job == "render" and key.endswith(".0000"):
            report.problem(f"{key}: {LOST}")
        return self._node.execute(job, key, assets=assets, config=config, report=report)

    def stop(self) -> None:
        self._stopped = True
