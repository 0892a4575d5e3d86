from __future__ import annotations

import json
import os

import pytest

from genart_assets.errors import InputError, StorageError
from genart_assets.storage.parts import Contents, Parts
from genart_assets.storage.root import Storage


def describe(data: bytes) -> Contents:
    return Contents.model_validate_json(data)


def parts_of(storage: Storage) -> Parts:
    return Parts(storage, "latents", "b", suffix=".part", describe=describe)


def add(parts: Parts, *ids: str, **failures: str) -> None:
    contents = Contents(ids=ids, failures=failures)
    parts.append(contents, contents.canonical().encode())


def test_parts_are_progress_and_the_manifest_the_commit(storage: Storage) -> None:
    parts = parts_of(storage)
    add(parts, "a", "b", c="poison")
    assert parts_of(storage).settled() == {"a", "b", "c"}
    assert parts_of(storage).manifest() is None
    with pytest.raises(StorageError, match="lacks 1 of 4 rows: d"):
        parts.seal(["a", "b", "c", "d"])
    with pytest.raises(StorageError, match="not complete") as raised:
        parts.sealed()
    assert "materialise asset latents for batch b first" in raised.value.remedy
    add(parts, "d")
    parts.seal(["d", "c", "b", "a"])
    sealed = parts_of(storage).sealed()
    assert sealed.ids == ("d", "c", "b", "a")
    assert sealed.failures == {"c": "poison"}


def test_another_process_finds_the_parts_of_the_first(storage: Storage) -> None:
    add(parts_of(storage), "a")
    second = parts_of(storage)
    add(second, "b")
    second.find()
    assert {id for part in second.seal(["a", "b"]).parts for id in part.contents.ids} == {"a", "b"}


def test_a_part_of_the_same_rows_stays_as_it_is(storage: Storage) -> None:
    parts = parts_of(storage)
    add(parts, "a", "b")
    add(parts_of(storage), "b", a="failed the second time")
    assert parts_of(storage).settled() == {"a", "b"}
    assert len(storage.names("assets/latents/b")) == 1
    parts.seal(["a", "b"])
    assert not parts.sealed().failures


def test_a_sealed_asset_takes_no_other_rows(storage: Storage) -> None:
    parts = parts_of(storage)
    add(parts, "a")
    parts.seal(["a"])
    before = storage.read("assets/latents/b/manifest.json")
    add(parts_of(storage), "b")
    with pytest.raises(StorageError, match="nothing is overwritten"):
        parts_of(storage).seal(["a", "b"])
    assert storage.read("assets/latents/b/manifest.json") == before


def test_rows_that_nobody_asked_for_are_left_out(storage: Storage) -> None:
    parts = parts_of(storage)
    add(parts, "a")
    add(parts, "stranger")
    assert [part.contents.ids for part in parts.seal(["a"]).parts] == [("a",)]


def test_an_asset_without_rows_can_be_sealed(storage: Storage) -> None:
    assert parts_of(storage).seal([]).parts == ()
    assert parts_of(storage).sealed().ids == ()


def test_a_damaged_part_is_named(disk: Storage) -> None:
    parts = parts_of(disk)
    add(parts, "a")
    parts.seal(["a"])
    (part,) = parts.sealed().parts
    disk.replace(f"assets/latents/b/{part.name}", b"{}")
    with pytest.raises(StorageError, match=part.name) as raised:
        parts_of(disk).read(part)
    assert "damaged" in raised.value.message


def test_a_damaged_part_of_an_unfinished_asset_is_named(disk: Storage) -> None:
    disk.write_once("assets/latents/b/x.part", b"no json")
    with pytest.raises(StorageError, match=r"x\.part is damaged") as raised:
        parts_of(disk).settled()
    assert "delete that file" in raised.value.remedy


def test_foreign_files_are_ignored(disk: Storage) -> None:
    disk.write_once("assets/latents/b/README.txt", b"hello")
    disk.write_once("assets/latents/b/.tmp", b"hello")
    assert parts_of(disk).settled() == frozenset()


@pytest.mark.parametrize("batch", ["../b", "a/b", "..", ""])
def test_a_batch_key_is_one_name(disk: Storage, batch: str) -> None:
    with pytest.raises(InputError):
        Parts(disk, "latents", batch, suffix=".part", describe=describe).settled()
    assert not os.path.exists(disk.root)


def test_the_manifest_is_canonical(disk: Storage) -> None:
    parts = parts_of(disk)
    add(parts, "a")
    parts.seal(["a"])
    manifest = json.loads(disk.read("assets/latents/b/manifest.json"))
    assert manifest["version"] == 1
    assert list(manifest) == sorted(manifest)


def test_a_damaged_manifest_is_named(disk: Storage) -> None:
    parts = parts_of(disk)
    add(parts, "a")
    parts.seal(["a"])
    disk.replace("assets/latents/b/manifest.json", b'{"asset": "latents"')
    with pytest.raises(StorageError, match=r"latents/b/manifest\.json is damaged"):
        parts_of(disk).sealed()
