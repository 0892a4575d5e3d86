"""The instance on a real PostgreSQL and a real S3 server, chosen by two environment variables."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import dagster as dg
import pytest

from genart_assets.errors import InputError, StorageError
from genart_assets.instance.home import Home
from genart_assets.instance.services import postgres_from
from genart_assets_tests.instance.tiny_graph import shapes
from genart_assets_tests.servers.postgres import PostgresServer
from genart_assets_tests.servers.swift import S3Server

KEYS = ["icons.r0.0000", "icons.r0.0001"]


def test_postgres_holds_runs_partitions_and_the_pool(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENART_POSTGRES_URL", postgres_url)
    home = Home.open(tmp_path / "one")
    with home.instance() as instance:
        instance.add_dynamic_partitions("batches", KEYS)
        result = dg.materialize([shapes], instance=instance, partition_key=KEYS[0], tags={"who": "test"})
        assert result.success
    assert not list(home.path.rglob("*.db")), "nothing of the history stays in SQLite"
    with Home.open(tmp_path / "two").instance() as instance:
        assert instance.get_dynamic_partitions("batches") == KEYS
        assert instance.get_materialized_partitions(dg.AssetKey("shapes")) == {KEYS[0]}
        assert instance.get_runs()[0].run_id == result.run_id
        assert instance.event_log_storage.get_concurrency_info("gpu").slot_count == 1


def test_the_password_stays_out_of_files_and_messages(
    tmp_path: Path, postgres_server: PostgresServer, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENART_POSTGRES_URL", postgres_url)
    home = Home.open(tmp_path)
    with home.instance():
        pass
    secret = postgres_url.split("://")[1].split(":")[1].split("@")[0]
    for path in home.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert secret.encode() not in content
            assert postgres_server.password.encode() not in content
    assert secret not in repr(home)
    assert str(home.postgres) == f"PostgreSQL 127.0.0.1:{postgres_server.port}/{postgres_url.rpartition('/')[2]}"


def test_a_refused_password_is_told_with_the_remedy(
    tmp_path: Path, postgres_server: PostgresServer, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENART_POSTGRES_URL", postgres_url.replace("genart:", "genart:wrong"))
    with pytest.raises(StorageError, match="password authentication failed") as refused, Home.open(tmp_path).instance():
        pass
    assert "GENART_POSTGRES_URL" in refused.value.remedy


def test_a_home_keeps_its_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Home.open(tmp_path / "sqlite")
    monkeypatch.setenv("GENART_POSTGRES_URL", "postgres://user:secret@127.0.0.1:1/studio")
    Home.open(tmp_path / "postgres")
    with pytest.raises(StorageError, match="made with SQLite, but GENART_POSTGRES_URL is set") as refused:
        Home.open(tmp_path / "sqlite")
    assert "secret" not in str(refused.value)
    monkeypatch.delenv("GENART_POSTGRES_URL")
    with pytest.raises(StorageError, match="made with PostgreSQL, but GENART_POSTGRES_URL is not set"):
        Home.open(tmp_path / "postgres")


@pytest.mark.parametrize("given", ["mysql://u:secret@h/d", "studio", "postgresql://u:secret@h"])
def test_other_database_addresses_are_refused(given: str) -> None:
    with pytest.raises(InputError) as refused:
        postgres_from({"GENART_POSTGRES_URL": given})
    assert "secret" not in str(refused.value)


def test_missing_postgres_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(StorageError, match="dagster_postgres") as refused:
        postgres_from({"GENART_POSTGRES_URL": "postgresql://u:p@h/d"})
    assert "genart-assets[postgres]" in refused.value.remedy


def test_s3_holds_what_steps_print(
    tmp_path: Path, s3_server: S3Server, s3_root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENART_STORAGE", s3_root)
    home = Home.open(tmp_path)
    assert home.storage_root == s3_root
    assert not (tmp_path / "storage").exists()
    with home.instance() as instance:
        instance.add_dynamic_partitions("batches", KEYS)
        result = dg.materialize([shapes], instance=instance, partition_key=KEYS[0])
        assert result.success
    bucket, prefix = s3_root.removeprefix("s3://").split("/")
    client = s3_server.client()
    listed = client.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/dagster/storage/{result.run_id}/")["Contents"]
    [printed] = [entry["Key"] for entry in listed if entry["Key"].endswith(".out")]
    assert client.get_object(Bucket=bucket, Key=printed)["Body"].read() == b"drawing icons.r0.0000\n"
    assert s3_server.secret_key not in home.dagster_yaml.read_text(encoding="utf-8")


def test_a_home_keeps_its_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Home.open(tmp_path / "local")
    monkeypatch.setenv("GENART_STORAGE", "s3://studio/a")
    Home.open(tmp_path / "s3")
    with pytest.raises(
        StorageError, match="made with storage on a local disk, but GENART_STORAGE now refers to s3://studio/a"
    ):
        Home.open(tmp_path / "local")
    monkeypatch.setenv("GENART_STORAGE", "s3://studio/b")
    with pytest.raises(StorageError, match="logs in s3://studio/a/dagster"):
        Home.open(tmp_path / "s3")
    monkeypatch.delenv("GENART_STORAGE")
    with pytest.raises(StorageError, match="made with S3"):
        Home.open(tmp_path / "s3")


def test_postgres_and_s3_work_together(
    tmp_path: Path, postgres_url: str, s3_root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENART_POSTGRES_URL", postgres_url)
    monkeypatch.setenv("GENART_STORAGE", s3_root)
    with Home.open(tmp_path).instance() as instance:
        instance.add_dynamic_partitions("batches", KEYS)
        assert dg.materialize([shapes], instance=instance, partition_key=KEYS[1]).success
