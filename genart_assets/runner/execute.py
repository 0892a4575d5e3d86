"""One job for one partition in this process, as a run on the real instance."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import dagster as dg

from genart_assets.defs.resources.tags import DRIVER, FOREGROUND
from genart_assets.errors import GenartError
from genart_assets.instance.home import GPU_POOL
from genart_assets.instance.process import process_tags
from genart_assets.runner.problems import one_line

if TYPE_CHECKING:
    from dagster_shared.error import SerializableErrorInfo

_RUN = threading.Lock()
"""One run at a time in a process: Dagster configures the process's logging anew as a run begins (`dictConfig`), and
would wait for ever for a run in another thread that logs at that moment. Executions in other processes go on beside it.
"""


@cache
def draws(job: str, assets: Sequence[str] = ()) -> bool:
    """Whether a job, or only some assets of it, takes a slot of the device's pool."""
    wanted = _job(job)
    if assets:
        wanted = wanted.get_subset(asset_selection={dg.AssetKey(asset) for asset in assets})
    return any(GPU_POOL in node.definition.pools for node in wanted.nodes)


def assets_of(job: str) -> list[str]:
    """The assets that a job makes."""
    return sorted(key.to_user_string() for key in _job(job).asset_layer.selected_asset_keys)


def execute_job(
    job: str,
    key: str,
    instance: dg.DagsterInstance,
    assets: Sequence[str],
    config: Mapping[str, Mapping[str, object]],
) -> str | None:
    """Execute a job for one partition as a run of its own; with ``assets`` only these of the job's.

    ``config`` has the config of each asset that takes one. Returns None when the run succeeded, else one line that says
    which asset failed and why. A signal ends the run, which is then reported as failed.
    """
    wanted = _job(job)
    with _RUN, _to_dagster_only():
        result = wanted.execute_in_process(
            instance=instance,
            partition_key=key,
            raise_on_error=False,
            asset_selection=[dg.AssetKey(asset) for asset in assets] or None,
            run_config={
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                "ops": {asset: {"config": dict(values)} for asset, values in config.items()},
            },
            tags={DRIVER: FOREGROUND, **process_tags()},
        )
    return None if result.success else f"{key}: {_why(result)} (run {result.run_id[:8]} in `genart ui`)"


@cache
def _job(name: str) -> dg.JobDefinition:
    from genart_assets.defs.assembled import defs

    return defs.resolve_job_def(name)


@contextmanager
def _to_dagster_only() -> Generator[None]:
    """What a run prints is in its logs, which Dagit shows; the terminal is for the progress.

    Dagster's processes that mirror those logs would, at a Ctrl-C, fill the terminal with tracebacks of their own.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    kept = os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        yield
    finally:
        for number, descriptor in enumerate(kept, start=1):
            os.dup2(descriptor, number)
        for descriptor in (*kept, nowhere):
            os.close(descriptor)


def _why(result: dg.ExecuteInProcessResult) -> str:
    reasons: list[str] = []
    for event in result.all_events:
        if event.is_step_failure and (error := event.step_failure_data.error):
            reasons.append(f"{event.step_key} failed: {_told_to_users(error)}")
        elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.blocking:
                reasons.append(
                    f"gate {check.check_name} of {check.asset_key.to_user_string()} closed: {check.description}"
                )
    return "; ".join(reasons) or "the run failed before its first step"


def _told_to_users(error: SerializableErrorInfo) -> str:
    """Dagster wraps an asset's exception, which may have causes of its own: the platform's own error is what helps."""
    ours = {cls.__name__: f"{cls.__module__}.{cls.__qualname__}: " for cls in _kinds(GenartError)}
    chain = [error]
    while chain[-1].cause:
        chain.append(chain[-1].cause)
    told = next((link for link in chain if link.cls_name in ours), chain[min(1, len(chain) - 1)])
    said = told.message.strip().removeprefix(ours.get(told.cls_name or "", ""))
    return one_line(said)


def _kinds(cls: type[GenartError]) -> list[type[GenartError]]:
    return [cls, *(kind for known in cls.__subclasses__() for kind in _kinds(known))]
