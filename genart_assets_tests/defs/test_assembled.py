"""What `defs/` declares is found without a list of it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

import genart_assets.defs
from genart_assets.defs.assembled import assemble, modules_of

STEP = """
import dagster as dg

@dg.asset
def moods() -> int:
    return 1

@dg.asset_check(asset=moods)
def moods_are_good() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)

feel = dg.define_asset_job("feel", selection=dg.AssetSelection.assets(moods))
yearly = dg.ScheduleDefinition(job=feel, name="yearly", cron_schedule="0 0 1 1 *")

@dg.sensor(job=feel)
def mood_sensor() -> dg.SkipReason:
    return dg.SkipReason("none")
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of an empty package ``steps`` that can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = tmp_path / "steps"
    folder.mkdir()
    (folder / "__init__.py").touch()
    importlib.invalidate_caches()
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "steps"]:
        del sys.modules[name]


def _assembled(name: str = "steps") -> dg.Definitions:
    return assemble(modules_of(importlib.import_module(name)))


def test_one_file_adds_an_asset_with_its_check_job_schedule_and_sensor(package: Path) -> None:
    (package / "deep").mkdir()
    (package / "deep" / "__init__.py").touch()
    (package / "deep" / "moods.py").write_text(STEP, encoding="utf-8")
    repository = _assembled().get_repository_def()
    graph = repository.asset_graph
    assert [key.to_user_string() for key in graph.get_all_asset_keys()] == ["moods"]
    assert [key.name for key in graph.asset_check_keys] == ["moods_are_good"]
    assert "feel" in {job.name for job in repository.get_all_jobs()}
    assert [schedule.name for schedule in repository.schedule_defs] == ["yearly"]
    assert [sensor.name for sensor in repository.sensor_defs] == ["mood_sensor"]


def test_what_another_file_imports_is_declared_once(package: Path) -> None:
    (package / "moods.py").write_text(STEP, encoding="utf-8")
    (package / "again.py").write_text("from steps.moods import feel, moods, mood_sensor, yearly\n", encoding="utf-8")
    definitions = _assembled()
    assert [len(list(found or ())) for found in (definitions.jobs, definitions.schedules, definitions.sensors)] == [
        1,
        1,
        1,
    ]


def test_two_jobs_of_one_name_are_refused(package: Path) -> None:
    (package / "moods.py").write_text(STEP, encoding="utf-8")
    (package / "others.py").write_text(
        "import dagster as dg\nfeel = dg.define_asset_job('feel', selection=dg.AssetSelection.all())\n",
        encoding="utf-8",
    )
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="feel"):
        _assembled().get_repository_def()


def test_every_module_of_defs_but_the_one_that_assembles_is_looked_into() -> None:
    found = {module.__name__ for module in modules_of(genart_assets.defs)}
    root = Path(next(iter(genart_assets.defs.__path__)))
    there = {path.relative_to(root).with_suffix("") for path in root.rglob("*.py")}
    names = {".".join(("genart_assets.defs", *path.parts)).removesuffix(".__init__") for path in there}
    assert names - found == {"genart_assets.defs", "genart_assets.defs.assembled"}
