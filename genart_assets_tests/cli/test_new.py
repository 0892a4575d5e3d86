from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from genart_assets.cli import app
from genart_assets.errors import InputError


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_package_is_written_here_and_the_next_commands_are_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["new", "critic", "redness"], catch_exceptions=False)
    assert done.exit_code == 0
    assert (tmp_path / "redness" / "redness_critic.py").is_file()
    assert "redness/ has pyproject.toml, redness_critic.py, test_redness_critic.py" in done.output
    assert "  pip install --no-build-isolation -e redness\n  pytest redness\n" in done.output
    assert "style_guide: {expect: {redness: {max: 200}}}" in done.output


def test_it_is_said_as_json(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["new", "move", "all_steps", "--json"], catch_exceptions=False)
    said = json.loads(done.output)
    assert said["folder"] == str(tmp_path / "all_steps")
    assert said["files"] == ["pyproject.toml", "all_steps_move.py", "test_all_steps_move.py"]
    assert said["commands"][-1] == "pytest all_steps"


def test_a_wrong_name_or_kind_is_the_users_error() -> None:
    with pytest.raises(InputError, match="cannot be the name"):
        CliRunner().invoke(app, ["new", "critic", "Redness"], catch_exceptions=False)
    done = CliRunner().invoke(app, ["new", "sculpture", "redness"])
    assert done.exit_code == 2
    assert not list(Path.cwd().iterdir())
