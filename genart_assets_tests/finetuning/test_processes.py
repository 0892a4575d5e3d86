"""Processes that train together agree where they stand, or stop."""

from __future__ import annotations

import subprocess

import pytest

from genart_assets_tests.finetuning.ranks import two_ranks
from genart_assets_tests.warm.python import warm_python

ASK = """
import sys, torch
from genart_assets.errors import TrainingError
from genart_assets.finetuning.processes import joined_processes
with joined_processes("cpu") as processes:
    try:
        processes.require_same(int(sys.argv[1]), torch.device("cpu"))
    except TrainingError as error:
        sys.exit(error.message)
"""


@pytest.mark.parametrize(("stand", "told"), [((50, 50), ""), ((50, 0), "the processes are at steps 0 to 50")])
def test_all_stand_after_the_same_step(stand: tuple[int, int], told: str) -> None:
    both = [
        subprocess.Popen(
            [warm_python(), "-c", ASK, str(done)],
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for environment, done in zip(two_ranks(), stand, strict=True)
    ]
    for one in both:
        said = one.communicate(timeout=60)[1]
        assert (one.returncode != 0) == bool(told)
        assert told in said
