"""What `genart doctor` tells of Feast: where it is and its version, or how to get it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from genart_assets.cli.doctor_features import feature_lines
from genart_assets.cli.doctor_lines import Line
from genart_assets.features import feast_process
from genart_assets.features.feast_process import INSTALLATION, PYTHON_VARIABLE


def line_for(named: str, monkeypatch: pytest.MonkeyPatch) -> Line:
    """The line where the environment names a Python, and this one has no Feast."""
    monkeypatch.setenv(PYTHON_VARIABLE, named)
    monkeypatch.setattr(feast_process.importlib.util, "find_spec", lambda name: None)
    (line,) = feature_lines()
    return line


def python_of(tmp_path: Path, version: str) -> str:
    """A program that answers as a Python whose Feast is of that version."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\necho {version}\n", encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def test_without_feast_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    line = line_for("", monkeypatch)
    assert line.status == "ok"
    assert line.finding == f"not installed; for the asset feature_store: `{INSTALLATION}`"


def test_a_version_that_fits_is_told_with_its_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = python_of(tmp_path, "0.67.2")
    assert line_for(python, monkeypatch) == Line(name="feast", finding=f"0.67.2 in {python}")


@pytest.mark.parametrize(
    ("named", "status", "told"),
    [
        ("/nowhere/python", "fail", f"{PYTHON_VARIABLE} names /nowhere/python, which is not a program"),
        (sys.executable, "fail", f"{sys.executable} has no Feast"),
        ("other", "warn", "has Feast 0.40.1, not <0.68,>=0.67"),
    ],
)
def test_what_does_not_fit_is_told_with_the_remedy(
    named: str, status: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = line_for(python_of(tmp_path, "0.40.1") if named == "other" else named, monkeypatch)
    assert line.status == status
    assert told in line.finding
    assert line.remedy == INSTALLATION
