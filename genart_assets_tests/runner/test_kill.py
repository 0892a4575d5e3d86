"""`genart run` dies by SIGKILL at random moments; the same command resumes, and nothing is lost or made twice."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from genart_assets.instance.home import Home
from genart_assets_tests.runner.command import (
    answer,
    deliveries,
    eventually,
    finished,
    genart,
    latents_of,
    planned_in,
    processes_of,
    start,
    statuses,
    tree,
    write_brief,
)

ROWS = 4


def _files(home: Path) -> int:
    return sum(1 for path in (home / "storage").rglob("*") if not {".locks", ".cache"}.intersection(path.parts))


def _killed(home: Path, arguments: list[object], after: int) -> bool:
    """Run, and kill once so many files and folders are stored, of them one new. False if it ended before that."""
    after = max(after, _files(home) + 1)
    process = start(home, *arguments, python=sys.executable)
    eventually(lambda: _files(home) >= after or process.poll() is not None, 300)
    process.kill()
    return finished(process).returncode == -signal.SIGKILL


def _kill_and_resume(folder: Path, kills: int, seed: int, batches: int) -> None:
    brief = write_brief(folder, "killed", batches * ROWS, deliver={"formats": ["png", "webp", "svg"], "sizes": [64]})
    arguments: list[object] = ["run", brief, "--batch-rows", ROWS, "--json"]
    undisturbed, home = folder / "undisturbed", folder / "home"
    answer(genart(undisturbed, *arguments))
    moments = sorted(random.Random(seed).sample(range(4, _files(undisturbed) - 4 * kills), kills))
    killed = [_killed(home, arguments, after) for after in moments]
    assert all(killed), (killed, moments)
    summary = answer(genart(home, *arguments))
    assert summary["delivered"] == batches * ROWS
    assert deliveries(home) == deliveries(undisturbed)
    assert latents_of(home) == Counter(planned_in(undisturbed))
    assert set(latents_of(home).values()) == {1}
    assert tree(home / "storage" / "pixels") == tree(undisturbed / "storage" / "pixels")
    assert set(statuses(home)) <= {"SUCCESS", "FAILURE"}
    assert eventually(lambda: not processes_of(home), 300), processes_of(home)


def test_a_kill(tmp_path: Path) -> None:
    _kill_and_resume(tmp_path, kills=1, batches=2, seed=2026)


@pytest.mark.slow
def test_three_kills(tmp_path: Path) -> None:
    _kill_and_resume(tmp_path, kills=3, seed=4, batches=2)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_twenty_kills(tmp_path: Path) -> None:
    _kill_and_resume(tmp_path, kills=20, batches=4, seed=20)


def test_the_delivery_worker_dies_with_its_parent(tmp_path: Path) -> None:
    """Its input ends, whatever it is doing: here it is still importing, and would deliver what it was given."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "genart_assets.runner.delivery_worker"],
        env=Home.open(tmp_path).environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stdin
    worker.stdin.write(json.dumps({"batch": "nothing.0123456789.r0.0000"}) + "\n")
    worker.stdin.close()
    assert worker.wait(timeout=60) == 1
    assert worker.stdout
    assert worker.stdout.read() == ""


def test_a_worker_that_cannot_work_says_why(tmp_path: Path) -> None:
    environment = Home.open(tmp_path).environment
    (tmp_path / "dagster" / "dagster.yaml").write_text("storage: {nonsense: 1}", encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-m", "genart_assets.runner.delivery_worker"],
        env=environment,
        input=json.dumps({"end": True}) + "\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 1
    assert "dagster.yaml" in json.loads(told.stdout)["refusal"]
    assert "Traceback" not in told.stderr
