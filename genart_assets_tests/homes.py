"""Homes that are rendered once a test session, by the process that asks first, and the copies that tests work in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from genart_assets_tests.runner.command import answer, genart, write_brief

HOPELESS = {"expect": {"prompt_alignment": {"min": 2}}}
"""A style guide that no image meets: a cosine above 1 does not exist."""


def rendered_once(name: str, render: Callable[[Path], None], temporary: pytest.TempPathFactory) -> Path:
    """The folder that ``render`` fills with briefs and a home; the processes of one session share it.

    Nobody works in it: ``copied`` makes a folder to work in.
    """
    base = temporary.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "rendered"
    shared.mkdir(exist_ok=True)
    folder, whole = shared / name, shared / f"{name}.whole"
    with FileLock(shared / f"{name}.lock"):
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            render(folder)
            whole.touch()
    return folder


def copied(folder: Path, to: Path) -> Path:
    """A copy of such a folder, in which a test may damage and delete what it likes. Returns its home."""
    shutil.copytree(folder, to, dirs_exist_ok=True)
    return to / "home"


def failing_and_fine(folder: Path) -> None:
    """One command runs two briefs: one whose two slots fail and are tried again, one that delivers its three images."""
    failing = write_brief(
        folder,
        "failing",
        2,
        style_guide=HOPELESS,
        latitudes={"guidance": [3, 9]},
        retry={"rounds": 1, "moves": ["more_guidance"]},
    )
    fine = write_brief(folder, "fine", 3, deliver={"formats": ["png", "webp"], "sizes": [64, 32]})
    answer(genart(folder / "home", "run", failing, fine, "--batch-rows", 2, "--json"))
