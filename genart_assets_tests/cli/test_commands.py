"""The command line as a process: help is quick, errors have a remedy and a code, other exceptions are not hidden."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from genart_assets.cli import commands

COMMANDS = ("run", "demo", "brief", "bench", "ui", "review", "trace", "reproduce", "verify", "new", "index", "doctor")
HEAVY = (
    "dagster",
    "torch",
    "diffusers",
    "transformers",
    "great_expectations",
    "pandas",
    "numpy",
    "sqlalchemy",
    "boto3",
)


def _genart(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from genart_assets.cli import main; main()", *arguments],
        env={**os.environ, "GENART_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_help_lists_the_commands_and_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from genart_assets.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True).stdout
    assert told.splitlines()[-1] == "LOADED []"
    for command in COMMANDS:
        assert f" {command} " in told


def test_every_command_tells_what_it_takes() -> None:
    for command in COMMANDS:
        assert CliRunner().invoke(commands.app, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("arguments", [["rnu"], ["run"], ["ui", "--port", "99999"], ["doctor", "--jsno"]])
def test_wrong_usage_exits_with_2(tmp_path: Path, arguments: list[str]) -> None:
    assert CliRunner().invoke(commands.app, arguments).exit_code == 2


def test_wrong_input_exits_with_2_and_prints_the_remedy_on_standard_error(tmp_path: Path) -> None:
    told = _genart("ui", home=tmp_path, GENART_STORAGE="gs://[b]studio[/b]")
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr.splitlines() == [
        "error: GENART_STORAGE is 'gs://[b]studio[/b]'",
        "remedy: set it to s3://bucket/prefix or a directory, or unset it",
    ]


def test_a_failure_exits_with_1(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file", encoding="utf-8")
    told = _genart("ui", home=tmp_path / "home")
    assert told.returncode == 1
    assert "cannot be written" in told.stderr
    assert "remedy: " in told.stderr
    assert "Traceback" not in told.stderr


def test_an_unexpected_exception_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "app", lambda: {}["nothing here"])
    with pytest.raises(KeyError, match="nothing here"):
        commands.main()
