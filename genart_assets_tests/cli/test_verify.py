"""`genart verify` on files good and bad: one sentence each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genart_assets.cli.verify import verify_command
from genart_assets.errors import InputError, StorageError
from genart_assets.instance.home import HOME_VARIABLE
from genart_assets.instance.services import STORAGE_VARIABLE
from genart_assets.signing.own_certificate import CERTIFICATE, FOLDER, own_identity
from genart_assets.signing.studio import CERTIFICATE_VARIABLE
from genart_assets.signing.trust import ANCHORS_VARIABLE
from genart_assets.storage.root import Storage
from genart_assets_tests.signing.test_sign_and_verify import RECIPES, record_of, signed_file
from genart_assets_tests.stages.delivery.delivery_case import delivery_case

CASE = "deliveries/fruit/fruit.0123456789.r0.0000"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    for name in (STORAGE_VARIABLE, ANCHORS_VARIABLE, CERTIFICATE_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def ours(home: Path, tmp_path: Path) -> Path:
    path = tmp_path / "ours.png"
    path.write_bytes(signed_file("png", own_identity(home)))
    return path


def test_files_that_cannot_be_read_are_named_and_the_others_are_checked(
    ours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "part.parquet").touch()
    bad = [tmp_path / name for name in ("empty.png", "part.parquet", "absent.png", ".")]
    assert verify_command([*bad, ours], as_json=False) == 2
    assert verify_command(bad[:2], as_json=False) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        f"not proven  {tmp_path}/empty.png: it is empty",
        f"not proven  {tmp_path}/part.parquet: it is empty",
        f"not proven  {tmp_path}/absent.png: it cannot be read: No such file or directory",
        f"not proven  {tmp_path}: it cannot be read: Is a directory",
    ]
    assert lines[4].startswith(f"proven      {ours}: signed by genart-assets test signer (this home's test certificate")
    assert lines[4].endswith("; this storage has no record of its delivery")


def test_json_is_one_object_with_a_line_a_file(ours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_command([ours, ours.with_name("absent.png")], as_json=True) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["proven"] is False
    assert [file["proven"] for file in told["files"]] == [True, False]
    assert told["files"][0]["record"]["recipe_id"] == RECIPES[0].recipe_id


def test_verifying_makes_no_home(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "note.txt").write_text("hello", encoding="utf-8")
    assert verify_command([tmp_path / "note.txt"], as_json=False) == 1
    assert capsys.readouterr().out.endswith("note.txt: it is not a PNG, JPEG, WebP, AVIF or SVG\n")
    assert not home.exists()


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        (b"{", f"it is signed, but its record in this storage, {CASE}/000003-{{id}}/manifest.json, is damaged"),
        (None, f"it is signed, but {CASE}/000003-{{id}}/manifest.json in this storage promises another file under"),
    ],
)
def test_a_record_that_is_damaged_or_promises_something_else_is_not_believed(
    manifest: bytes | None, told: str, ours: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = record_of(RECIPES[0], "icon.png")
    folder = home / "storage" / CASE / f"{record.slot:06d}-{record.recipe_id[:12]}"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_bytes(manifest or _another_manifest(home))
    assert verify_command([ours], as_json=False) == 1
    assert told.format(id=record.recipe_id[:12]) in capsys.readouterr().out


def _another_manifest(home: Path) -> bytes:
    storage = Storage.open(str(home / "elsewhere"))
    case = delivery_case(storage)
    list(case.deliver(storage))
    return next((home / "elsewhere").rglob("manifest.json")).read_bytes()


@pytest.mark.parametrize("content", [b"no certificate", b"\xff", None])
def test_anchors_that_are_none_are_named(
    content: bytes | None, ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchors = tmp_path / "anchors.pem"
    if content is not None:
        anchors.write_bytes(content)
    monkeypatch.setenv(ANCHORS_VARIABLE, str(anchors))
    with pytest.raises(InputError, match=f"{ANCHORS_VARIABLE} names {anchors}, which ") as refused:
        verify_command([ours], as_json=False)
    assert refused.value.remedy


def test_a_damaged_test_certificate_is_named(ours: Path, home: Path) -> None:
    (home / FOLDER / CERTIFICATE).write_bytes(b"cut")
    with pytest.raises(StorageError, match=r"test_certificate\.pem is damaged") as refused:
        verify_command([ours], as_json=False)
    assert "a new test certificate made" in refused.value.remedy
