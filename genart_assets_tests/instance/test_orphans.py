"""A run whose process is killed holds the pool and its batch until it is swept."""

import multiprocessing
import os
import signal
import socket
import subprocess
import threading
from multiprocessing.synchronize import Event
from pathlib import Path

import dagster as dg
import pytest

from genart_assets.instance.home import Home
from genart_assets.instance.orphans import sweep
from genart_assets.instance.process import HOST_TAG, PID_TAG, STARTED_TAG, is_dead, process_tags
from genart_assets_tests.instance.tiny_graph import shapes

SPAWN = multiprocessing.get_context("spawn")


def _hold_the_pool(home: Path, holding: Event) -> None:
    @dg.asset(pool="gpu")
    def endless_shapes() -> None:
        holding.set()
        threading.Event().wait()

    with Home.open(home).instance() as instance:
        dg.materialize([endless_shapes], instance=instance, tags=process_tags())


def test_a_killed_run_fails_and_gives_its_slot_back(tmp_path: Path) -> None:
    with Home.open(tmp_path).instance() as instance:
        holding = SPAWN.Event()
        process = SPAWN.Process(target=_hold_the_pool, args=(tmp_path, holding))
        process.start()
        assert process.pid
        assert holding.wait(60)
        [run] = instance.get_runs()
        assert sweep(instance) == (), "its process lives"
        os.kill(process.pid, signal.SIGKILL)
        process.join()

        assert instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.STARTED  # type: ignore[union-attr]
        assert instance.event_log_storage.get_concurrency_info("gpu").active_slot_count == 1

        assert sweep(instance) == (run.run_id,)
        assert instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.FAILURE  # type: ignore[union-attr]
        told = [event.message for event in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)]
        assert any(f"Process {process.pid}" in message for message in told)
        assert instance.event_log_storage.get_concurrency_info("gpu").active_slot_count == 0
        assert sweep(instance) == (), "once is enough"

        instance.add_dynamic_partitions("batches", ["next"])
        assert dg.materialize([shapes], instance=instance, partition_key="next").success


def test_runs_that_cannot_be_judged_are_left_alone(tmp_path: Path) -> None:
    gone = {**process_tags(), PID_TAG: "1", STARTED_TAG: "another boot:1"}
    with Home.open(tmp_path).instance() as instance:
        job = dg.Definitions(assets=[shapes]).resolve_implicit_global_asset_job_def()
        for tags in ({}, {**gone, HOST_TAG: "another-machine"}, process_tags()):
            instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.STARTED)
        finished = instance.create_run_for_job(job, tags=gone, status=dg.DagsterRunStatus.SUCCESS)
        assert sweep(instance) == ()
        assert instance.get_run_by_id(finished.run_id).status == dg.DagsterRunStatus.SUCCESS  # type: ignore[union-attr]


def test_process_tags_outlive_the_reuse_of_a_pid() -> None:
    mine = process_tags()
    assert mine[HOST_TAG] == socket.gethostname()
    assert mine[PID_TAG] == str(os.getpid())
    assert not is_dead(mine)
    assert is_dead({**mine, STARTED_TAG: f"{mine[STARTED_TAG]}0"}), "the same pid, started at another time"


@pytest.mark.parametrize("tags", [{}, {PID_TAG: "7"}, {HOST_TAG: socket.gethostname(), PID_TAG: "seven"}])
def test_a_process_that_the_tags_do_not_name_is_not_dead(tags: dict[str, str]) -> None:
    assert not is_dead(tags)


def test_a_zombie_is_dead() -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_dead({HOST_TAG: socket.gethostname(), PID_TAG: str(child.pid), STARTED_TAG: "of a living one"})
    child.wait()
