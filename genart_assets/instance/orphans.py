"""Runs whose process died without a word: reported as failed, so that they hold neither a pool slot nor their batch."""

from __future__ import annotations

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from genart_assets.instance.process import PID_TAG, is_dead

UNFINISHED = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


def sweep(instance: DagsterInstance) -> tuple[str, ...]:
    """Report as failed every unfinished run whose process on this machine is gone, and free its pool slots.

    A run says which process works on it by the tags of ``process.process_tags()``. Returns the ids of the runs.
    """
    swept: list[str] = []
    for run in instance.get_runs(filters=RunsFilter(statuses=UNFINISHED)):
        if not is_dead(run.tags) or _ended_meanwhile(instance, run.run_id):
            continue
        message = (
            f"Process {run.tags[PID_TAG]} of this run died; what it stored is kept, and the next run resumes there."
        )
        instance.report_run_failed(run, message)
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        swept.append(run.run_id)
    return tuple(swept)


def _ended_meanwhile(instance: DagsterInstance, run_id: str) -> bool:
    """Whether the process told the outcome between our look at the run and our look at the process."""
    run = instance.get_run_by_id(run_id)
    return run is None or run.is_finished
