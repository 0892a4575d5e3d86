"""Reports runs as failed whose process died, so that they do not block a pool slot or a batch."""

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
    """Report every unfinished run as failed whose process on this machine is gone, and free its pool slots.

    The tags of ``process.process_tags()`` say which process works on a run. Returns the ids of the runs.
    """
    swept: list[str] = []
    for run in instance.get_runs(filters=RunsFilter(statuses=UNFINISHED)):
        if not is_dead(run.tags) or _ended_meanwhile(instance, run.run_id):
            continue
        message = f"Process {run.tags[PID_TAG]} of this run died; the next run resumes from what it stored."
        instance.report_run_failed(run, message)
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        swept.append(run.run_id)
    return tuple(swept)


def _ended_meanwhile(instance: DagsterInstance, run_id: str) -> bool:
    """Whether the process reported the outcome between the query of the run and the check of the process."""
    run = instance.get_run_by_id(run_id)
    return run is None or run.is_finished
