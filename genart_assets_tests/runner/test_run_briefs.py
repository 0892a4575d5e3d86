"""Several runs in one home, deliveries that fail, weights that change: what is wrong is named, the rest goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from genart_assets.defs.partitions import add_batches
from genart_assets.instance.home import Home
from genart_assets.models.schedules import schedule_of
from genart_assets.records.plan import Batch
from genart_assets.records.studio import UNBOUND
from genart_assets.runner.heard import Heard
from genart_assets.runner.in_process import InProcess
from genart_assets.runner.plan_briefs import plan_briefs
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief_file
from genart_assets.stages.delivery.deliver import folder_of
from genart_assets.stages.planning.plan import plan_batch
from genart_assets.starter.shipped import SHIPPED
from genart_assets.storage.root import Storage
from genart_assets_tests.runner.command import (
    answer,
    deliveries,
    eventually,
    finished,
    genart,
    latents_of,
    processes_of,
    start,
    statuses,
    write_brief,
)


def _planned(home: Path, brief: Path, batch_rows: int) -> list[Batch]:
    return plan_briefs([brief], Storage.open(Home.open(home).storage_root), batch_rows, UNBOUND).batches


@pytest.mark.slow
def test_two_runs_at_once(tmp_path: Path) -> None:
    """The first keeps its brief; the second names who has it, and takes turns at the device with another brief."""
    home = tmp_path / "home"
    shared, other = write_brief(tmp_path, "shared", 16), write_brief(tmp_path, "other", 4)
    first = start(home, "run", shared, "--batch-rows", 4, "--json", python=sys.executable)
    assert eventually(lambda: bool(latents_of(home)) or first.poll() is not None, 300)
    second = genart(home, "run", shared, other, "--batch-rows", 4, "--json")
    told = answer(second, 1)
    (problem,) = told["problems"]
    assert problem.startswith("batch shared.")
    assert f"is being worked on by process {first.pid} on " in problem
    assert "failed: batch shared." in second.stderr
    assert told["newly_rendered"] == 4
    summary = answer(finished(first))
    assert summary["newly_rendered"] == summary["delivered"] == 16
    assert set(latents_of(home).values()) == {1}
    assert len(latents_of(home)) == len(deliveries(home)) // 2 == 20
    assert set(statuses(home)) == {"SUCCESS"}


@pytest.mark.slow
def test_a_failed_delivery_stops_no_other(tmp_path: Path) -> None:
    home = tmp_path / "home"
    path = write_brief(tmp_path, "blocked", 4)
    bad, good = _planned(home, path, 2)
    brief = read_brief_file(path, known=installed())
    image = plan_batch(brief, bad, schedule_of(brief.model, brief.sampler, brief.size))[1]
    obstacle = home / "storage" / folder_of(bad, image) / "manifest.json"
    obstacle.parent.mkdir(parents=True)
    obstacle.write_text("another's", encoding="utf-8")

    told = genart(home, "run", path, "--batch-rows", 2, "--json")
    summary = answer(told, 1)
    (problem,) = summary["problems"]
    assert problem.startswith(f"{bad.key}: deliveries failed: 1 images of batch {bad.key} were not delivered: ")
    assert folder_of(bad, image) in problem
    assert "nothing was overwritten" in problem
    assert f"failed: {bad.key}" in told.stderr
    assert (summary["rendered"], summary["delivered"]) == (4, 2)
    assert obstacle.read_text(encoding="utf-8") == "another's"
    assert (home / "storage" / "deliveries" / "blocked" / good.key).is_dir()

    obstacle.unlink()
    again = answer(genart(home, "run", path, "--batch-rows", 2, "--json"))
    assert (again["newly_rendered"], again["delivered"], again["problems"]) == (0, 4, [])
    assert json.loads(obstacle.read_bytes())["recipe_id"] == image.recipe_id


def test_changed_weights_are_named(tmp_path: Path) -> None:
    home, weights = tmp_path / "home", tmp_path / "weights"
    shutil.copytree(SHIPPED["starter"], weights)
    path = write_brief(tmp_path, "weighed", 2, model="weights")
    (batch,) = _planned(home, path, 2)
    config = weights / "scheduler" / "scheduler_config.json"
    config.write_text(config.read_text(encoding="utf-8") + "\n", encoding="utf-8")

    opened = Home.open(home)
    with opened.instance() as instance:
        add_batches(instance, [batch.key])
        problem = InProcess(opened, instance).execute("render", batch.key, report=Heard().of(batch.key))
    assert problem
    assert f"is planned for snapshot {batch.model_snapshot[:12]}" in problem
    assert "put the old weights back, or run the brief again" in problem

    told = genart(home, "run", path, "--batch-rows", 2, "--json")
    summary = answer(told)
    assert "note:" in told.stderr
    assert f"has changed since this brief was accepted, from snapshot {batch.model_snapshot[:12]} to " in told.stderr
    assert summary["delivered"] == 2
    assert not (home / "storage" / "deliveries" / "weighed" / batch.key).exists()


@pytest.mark.slow
def test_a_dead_delivery_process_is_named_and_its_batches_are_delivered_next_time(tmp_path: Path) -> None:
    home = tmp_path / "home"
    path = write_brief(tmp_path, "orphaned", 2)
    process = start(home, "run", path, "--json", python=sys.executable)

    def workers() -> list[int]:
        return [pid for pid, command in processes_of(home) if "delivery_worker" in command]

    assert eventually(lambda: bool(workers()) or process.poll() is not None, 300)
    (worker,) = workers()
    os.kill(worker, signal.SIGKILL)
    summary = answer(finished(process), 1)
    (problem,) = summary["problems"]
    assert "not delivered: the delivery process ended with status -9" in problem
    assert (summary["rendered"], summary["delivered"]) == (2, 0)
    assert answer(genart(home, "run", path, "--json"))["delivered"] == 2
