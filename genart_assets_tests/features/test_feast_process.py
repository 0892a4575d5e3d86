"""Where Feast is missing, what to do is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from genart_assets.errors import FeatureStoreError
from genart_assets.features import feast_process
from genart_assets.features.feast_process import PYTHON_VARIABLE, FeastProcess, feast_python


def test_without_feast_the_installation_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(FeatureStoreError, match="Feast is not installed") as refused:
        feast_python({})
    assert "pip install 'feast[duckdb]" in refused.value.remedy
    assert PYTHON_VARIABLE in refused.value.remedy


def test_the_variable_comes_first_and_must_name_a_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert feast_python({}) == sys.executable
    assert feast_python({PYTHON_VARIABLE: sys.executable}) == sys.executable
    with pytest.raises(FeatureStoreError, match="which is not a program"):
        feast_python({PYTHON_VARIABLE: str(tmp_path / "python")})


def test_a_python_without_feast_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "worker.py"
    bare.write_text(feast_process.WORKER.read_text().replace('import_module("feast")', 'import_module("no_feast")'))
    monkeypatch.setattr(feast_process, "WORKER", bare)
    with FeastProcess(tmp_path, sys.executable) as process, pytest.raises(FeatureStoreError) as refused:
        process.ask("registered")
    assert "No module named 'no_feast'" in refused.value.message
    assert refused.value.remedy == feast_process.INSTALLATION


def test_a_program_that_ends_is_told(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho it broke >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(FeatureStoreError, match="it broke"), FeastProcess(tmp_path, str(program)) as process:
        process.ask("registered")
