"""`genart doctor` on real homes, good and broken."""

from __future__ import annotations

import json
from collections import namedtuple
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from s3fs import S3FileSystem

from genart_assets.cli import doctor_home, doctor_software
from genart_assets.cli.doctor import doctor_command
from genart_assets.cli.doctor_home import home_lines
from genart_assets.cli.doctor_lines import Line
from genart_assets.cli.doctor_software import software_lines
from genart_assets_tests.servers.postgres import PostgresServer
from genart_assets_tests.servers.swift import S3Server


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENART_HOME", str(tmp_path / "home"))
    for name in ("GENART_STORAGE", "GENART_POSTGRES_URL"):
        monkeypatch.delenv(name, raising=False)


def _home_lines() -> dict[str, Line]:
    return {line.name: line for line in home_lines()}


def test_everything_in_order_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor_command(as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True
    found = {line["name"]: line for line in told["lines"]}
    assert found["storage"]["status"] == "ok"
    assert found["device"]["status"] == "ok"
    assert found["starter model"]["finding"].startswith("snapshot ")
    assert found["daemon"]["status"] == "warn"
    assert "genart ui" in found["daemon"]["remedy"]


def test_a_failed_line_has_a_remedy_and_makes_exit_code_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENART_STORAGE", "gs://studio")
    assert doctor_command(as_json=False) == 1
    told = capsys.readouterr().out.splitlines()
    [failed] = [number for number, line in enumerate(told) if line.startswith("fail")]
    assert "gs://studio" in told[failed]
    assert told[failed + 1].strip().startswith("remedy: ")
    assert told[failed + 2].startswith("ok"), "the other lines go on"


def test_software_is_as_asked_for() -> None:
    assert {line.name: line.status for line in software_lines()} == {"python": "ok", "packages": "ok", "extras": "ok"}


def test_extras_that_are_not_there_are_named_with_the_command_that_adds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_the_reader(package: str) -> str:
        if package == "rapidocr":
            raise PackageNotFoundError(package)
        return version(package)

    monkeypatch.setattr(doctor_software, "version", without_the_reader)
    found = {line.name: line for line in software_lines()}
    assert found["packages"].status == found["extras"].status == "ok"
    assert "not text: `pip install 'genart-assets[text]'` adds them" in found["extras"].finding


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file", encoding="utf-8")
    [line] = home_lines()
    assert (line.name, line.status) == ("home", "fail")
    assert "GENART_HOME" in line.remedy


def test_little_space_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor_home.shutil, "disk_usage", lambda path: usage(2**40, 2**40 - 2**30, 2**30))
    line = _home_lines()["home disk"]
    assert (line.status, line.finding) == ("warn", "1.0 GiB free")


def test_services_are_named(
    postgres_server: PostgresServer,
    postgres_url: str,
    s3_server: S3Server,
    s3_root: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GENART_POSTGRES_URL", postgres_url)
    monkeypatch.setenv("GENART_STORAGE", s3_root)
    found = _home_lines()
    assert {line.status for line in found.values()} <= {"ok", "warn"}
    assert f"127.0.0.1:{postgres_server.port}" in found["postgresql"].finding
    assert s3_server.endpoint in found["storage"].finding
    assert not any(postgres_server.password in line.finding for line in found.values())


def test_a_service_that_is_down_fails_its_lines_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENART_POSTGRES_URL", "postgresql://user:secret@127.0.0.1:1/studio")
    found = _home_lines()
    assert {name: line.status for name, line in found.items()} == {
        "home": "ok",
        "home disk": "ok",
        "studio": "ok",
        "postgresql": "fail",
        "instance": "fail",
        "storage": "ok",
    }
    assert "secret" not in found["postgresql"].finding


def test_a_wrong_s3_secret_fails_the_storage(s3_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENART_STORAGE", s3_root)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    S3FileSystem.clear_instance_cache()
    line = _home_lines()["storage"]
    assert line.status == "fail"
    assert line.remedy


def test_the_studios_latitudes_are_told_or_what_is_wrong_with_them(tmp_path: Path) -> None:
    assert _home_lines()["studio"].finding == "no studio.yaml in the home: briefs have only their own bounds"
    file = tmp_path / "home" / "studio.yaml"
    file.write_text("steps: [4, 40]\nforbidden_words: [gun]\n", encoding="utf-8")
    assert _home_lines()["studio"] == Line(name="studio", finding=f"{file} bounds forbidden_words, steps")
    file.write_text("step: [4, 40]\n", encoding="utf-8")
    line = _home_lines()["studio"]
    assert line.status == "fail"
    assert line.finding == f"{file}:1: field 'step': unknown key; did you mean 'steps'?"
    assert line.remedy.endswith("until then no brief is accepted")
