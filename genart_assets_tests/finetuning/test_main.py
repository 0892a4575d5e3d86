"""The fine-tune as a process: killed and resumed, several together, and told what is wrong with its input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from genart_assets.loras.folder import RECORD, WEIGHTS, read_lora
from genart_assets.loras.records import FinetuneConfig
from genart_assets_tests.finetuning.ranks import two_ranks
from genart_assets_tests.finetuning.sets import QUICK, small_folder
from genart_assets_tests.warm.python import warm_python

COMMAND = ["-m", "genart_assets.finetuning"]
LONG = QUICK.model_copy(update={"steps": 12, "checkpoint_every": 4})


def run(folder: Path, *launcher: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [warm_python(), *launcher, *COMMAND, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )


def steps(output: str) -> list[int]:
    return [json.loads(line)["step"] for line in output.splitlines() if line.startswith("{")]


def test_killed_at_any_time_it_resumes_and_ends_in_the_weights_of_an_undisturbed_run(tmp_path) -> None:
    undisturbed, disturbed = (small_folder(tmp_path / name, LONG, pairs=2) for name in ("calm", "killed"))
    done = run(undisturbed)
    assert (done.returncode, steps(done.stdout)) == (0, list(range(1, 13))), done.stderr
    with subprocess.Popen([sys.executable, *COMMAND, str(disturbed)], stdout=subprocess.PIPE, text=True) as victim:
        for line in victim.stdout:
            if line.startswith("{") and json.loads(line)["step"] == 6:
                os.kill(victim.pid, signal.SIGKILL)
                break
    assert victim.returncode == -signal.SIGKILL
    assert not (disturbed / "lora").exists()
    resumed = run(disturbed)
    first = steps(resumed.stdout)[0]
    assert first in (5, 9), "at most one checkpoint interval is lost"
    assert (disturbed / "lora" / WEIGHTS).read_bytes() == (undisturbed / "lora" / WEIGHTS).read_bytes()
    assert (disturbed / "lora" / RECORD).read_bytes() == (undisturbed / "lora" / RECORD).read_bytes()


def test_two_processes_learn_what_one_does(tmp_path) -> None:
    alone, together = (small_folder(tmp_path / name, QUICK, pairs=2) for name in ("alone", "together"))
    assert run(alone, GENART_THREADS="1").returncode == 0
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2")
    done = run(together, *launcher, GENART_THREADS="1")
    assert done.returncode == 0, done.stderr[-2000:]
    assert steps(done.stdout) == list(range(1, 7)), "one of them talks"
    (_, one), (_, two) = read_lora(alone / "lora"), read_lora(together / "lora")
    assert (one.processes, two.processes) == (1, 2)
    losses = [[line.denoising for line in record.losses] for record in (one, two)]
    np.testing.assert_allclose(*losses, rtol=1e-3)


@pytest.mark.slow
def test_processes_that_do_not_share_their_checkpoints_are_refused(tmp_path) -> None:
    def both(config: FinetuneConfig) -> list[tuple[int, str]]:
        for rank in range(2):
            folder = tmp_path / str(rank)
            (folder / "config.json").unlink(missing_ok=True)
            small_folder(folder, config)
        started = [
            subprocess.Popen(
                [warm_python(), *COMMAND, str(tmp_path / str(rank))],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                env={**environment, "GENART_THREADS": "1"},
            )
            for rank, environment in enumerate(two_ranks())
        ]
        told = [one.communicate(timeout=120)[1] for one in started]
        return [(one.returncode, text) for one, text in zip(started, told, strict=True)]

    assert [code for code, _ in both(QUICK.model_copy(update={"most_gib": 0.001}))] == [1, 1]
    for code, text in both(QUICK):
        assert code == 1
        assert "the processes are at steps 0 to 1" in text
        assert "that all processes share" in text


def test_a_bound_that_is_reached_is_told_and_a_checkpoint_is_left(tmp_path) -> None:
    folder = small_folder(tmp_path / "short", QUICK.model_copy(update={"most_gib": 0.001}))
    done = run(folder)
    assert done.returncode == 1
    assert "stopped after step 1 of 6: most_gib 0.001" in done.stderr
    assert json.loads((folder / "checkpoints" / "checkpoint.json").read_text())["step"] == 1
    assert not (folder / "lora").exists()


def test_help_says_how_several_start() -> None:
    done = subprocess.run([warm_python(), *COMMAND, "--help"], capture_output=True, text=True, check=True)
    assert "torchrun --nproc_per_node 2 -m genart_assets.finetuning FOLDER" in done.stdout


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (lambda folder: (folder / "config.json").write_text('{"steps": 0}'), "FinetuneConfig steps: Input should be"),
        (lambda folder: (folder / "config.json").write_text('{"stepz": 1}'), "FinetuneConfig stepz: Extra inputs"),
        (lambda folder: (folder / "training_set.json").unlink(), "No such file or directory"),
        (lambda folder: next(folder.glob("pixels/*/*.png")).write_bytes(b"\x80\x04."), "cannot be read"),
    ],
)
def test_wrong_input_is_named(tmp_path, break_it, reason) -> None:
    folder = small_folder(tmp_path / "wrong", FinetuneConfig(steps=1))
    break_it(folder)
    done = run(folder)
    assert done.returncode == 2
    assert reason in done.stderr
    assert "remedy:" in done.stderr
