"""The home on a local disk: first use, what is never overwritten, what is refused."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest
import yaml

from genart_assets.errors import InputError, StorageError
from genart_assets.instance.home import Home
from genart_assets_tests.instance.tiny_graph import shapes

NOBODY = 65534


def test_first_use_makes_the_directories_and_the_settings(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "studio")
    assert home.storage_root == str(tmp_path / "studio" / "storage")
    assert Path(home.storage_root).is_dir()
    settings = yaml.safe_load(home.dagster_yaml.read_text(encoding="utf-8"))
    assert settings["telemetry"] == {"enabled": False}
    assert settings["run_queue"] == {"dequeue_interval_seconds": 1}
    assert settings["run_monitoring"]["free_slots_after_run_end_seconds"] == 5
    assert "storage" not in settings
    assert "compute_logs" not in settings


def test_home_is_found_by_variable_or_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Home.open().path == tmp_path / "genart_home"
    monkeypatch.setenv("GENART_HOME", "elsewhere")
    assert Home.open().path == tmp_path / "elsewhere"
    assert Home.open("given").path == tmp_path / "given"


def test_settings_are_never_overwritten(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    changed = home.dagster_yaml.read_text(encoding="utf-8").replace("max_concurrent_runs: 4", "max_concurrent_runs: 9")
    home.dagster_yaml.write_text(changed, encoding="utf-8")
    with Home.open(tmp_path).instance() as instance:
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 9
    assert home.dagster_yaml.read_text(encoding="utf-8") == changed


def test_instance_has_the_queue_the_pool_and_the_monitoring(tmp_path: Path) -> None:
    with Home.open(tmp_path).instance() as instance:
        assert not instance.telemetry_enabled
        assert instance.run_monitoring_enabled
        assert instance.run_coordinator.dequeue_interval_seconds == 1
        [gpu] = instance.event_log_storage.get_pool_limits()
        assert (gpu.name, gpu.limit, gpu.from_default) == ("gpu", 1, False)
        [limit] = instance.get_concurrency_config().run_queue_config.tag_concurrency_limits
        assert limit["key"] == "dagster/partition"
        assert limit["limit"] == 1


def test_a_changed_pool_limit_stays(tmp_path: Path) -> None:
    with Home.open(tmp_path).instance() as instance:
        instance.event_log_storage.set_concurrency_slots("gpu", 2)
    with Home.open(tmp_path).instance() as instance:
        assert instance.event_log_storage.get_concurrency_info("gpu").slot_count == 2


def test_runs_stay_in_the_home_and_the_environment_is_given_back(tmp_path: Path) -> None:
    environment = dict(os.environ)
    home = Home.open(tmp_path)
    with home.instance() as instance:
        assert os.environ["DAGSTER_HOME"] == str(home.dagster_dir)
        instance.add_dynamic_partitions("batches", ["one"])
        assert dg.materialize([shapes], instance=instance, partition_key="one").success
    assert dict(os.environ) == environment
    with Home.open(tmp_path).instance() as instance:
        assert instance.get_materialized_partitions(dg.AssetKey("shapes")) == {"one"}


def _open_in_process(path: Path) -> None:
    with Home.open(path).instance() as instance:
        assert instance.event_log_storage.get_concurrency_info("gpu").slot_count == 1


def test_several_first_uses_at_once_leave_one_home(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_open_in_process, args=(tmp_path / "home",)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert not list((tmp_path / "home" / "dagster").glob(".dagster.yaml.*"))


@contextmanager
def unprivileged() -> Iterator[None]:
    """As root, file permissions mean nothing: be somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("made_before", [True, False])
def test_a_home_that_cannot_be_written_is_refused(tmp_path: Path, made_before: bool) -> None:
    if made_before:
        Home.open(tmp_path)
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o555)
    with unprivileged(), pytest.raises(StorageError) as refused:
        Home.open(tmp_path)
    assert str(tmp_path) in refused.value.message
    assert "Permission denied" in refused.value.message
    assert "GENART_HOME" in refused.value.remedy


def test_a_file_in_place_of_the_home_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be written"):
        Home.open(tmp_path / "taken")


def test_settings_that_dagster_refuses_are_named(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    home.dagster_yaml.write_text("run_quue: {}\n", encoding="utf-8")
    with pytest.raises(StorageError, match="run_quue") as refused, Home.open(tmp_path).instance():
        pass
    assert "dagster.yaml" in refused.value.remedy
    home.dagster_yaml.write_text("a: [", encoding="utf-8")
    with pytest.raises(StorageError, match="is not YAML"):
        Home.open(tmp_path)


def test_a_local_storage_directory_may_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENART_STORAGE", "big-disk")
    home = Home.open(tmp_path / "home")
    assert home.storage_root == str(tmp_path / "big-disk")
    assert home.environment["GENART_STORAGE"] == str(tmp_path / "big-disk")
    assert not (tmp_path / "home" / "storage").exists()


@pytest.mark.parametrize("given", ["gs://bucket/x", "s3://", "s3:///prefix", "s3://Bucket_$"])
def test_other_storage_addresses_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("GENART_STORAGE", given)
    with pytest.raises(InputError, match="GENART_STORAGE"):
        Home.open(tmp_path)
