"""Reports the health of the Dagster instance, for `genart doctor`."""

from __future__ import annotations

from dataclasses import dataclass

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from genart_assets.instance.home import GPU_POOL


@dataclass(frozen=True)
class Health:
    """What `genart doctor` shows about an instance."""

    runs: int
    at_work: int
    """Number of runs that have started and not finished."""
    gpu_limit: int | None
    """Most ops of pool gpu at a time; None if the pool has no limit."""
    silent_daemons: tuple[str, ...]
    """Daemons that this instance needs and that have no recent heartbeat."""


def instance_health(instance: DagsterInstance) -> Health:
    """The present health of an instance."""
    limits = {pool.name: pool.limit for pool in instance.event_log_storage.get_pool_limits()}
    return Health(
        runs=instance.get_runs_count(),
        at_work=instance.get_runs_count(RunsFilter(statuses=[DagsterRunStatus.STARTED])),
        gpu_limit=limits.get(GPU_POOL),
        silent_daemons=tuple(
            sorted(
                name
                for name, status in instance.get_daemon_statuses().items()
                if status.required and not status.healthy
            )
        ),
    )
