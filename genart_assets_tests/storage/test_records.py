"""A stored record is read whole, or named as damaged with what to do about it."""

from __future__ import annotations

import pytest

from genart_assets.errors import StorageError
from genart_assets.records.base import Record
from genart_assets.storage.records import DamagedRecord, damaged, read_record
from genart_assets.storage.root import Storage


class Word(Record):
    said: str
    times: int = 1


@pytest.fixture
def disk(tmp_path) -> Storage:
    return Storage.open(str(tmp_path))


def test_what_was_stored_is_read(disk: Storage) -> None:
    disk.write_once("words/one.json", Word(said="so", times=2).canonical().encode())
    assert read_record(disk, "words/one.json", Word, remedy="write it again") == Word(said="so", times=2)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"said": ', "Invalid JSON"),
        (b"\xff\xfe", "Invalid JSON"),
        (b"", "Invalid JSON"),
        (b'{"said": "so", "times": "many"}', "times: "),
        (b"{}", "said: Field required"),
    ],
)
def test_damage_names_file_field_and_remedy(disk: Storage, data: bytes, why: str) -> None:
    disk.write_once("words/one.json", data)
    with pytest.raises(DamagedRecord) as found:
        read_record(disk, "words/one.json", Word, remedy="write it again")
    assert found.value.message.startswith(f"{disk.root}/words/one.json is damaged: {why}")
    assert found.value.why.startswith(why)
    assert found.value.remedy == "write it again"
    assert "pydantic.dev" not in str(found.value)


def test_a_record_that_is_gone_is_told_as_the_storage_tells_it(disk: Storage) -> None:
    with pytest.raises(StorageError, match=r"cannot read .*words/one\.json") as found:
        read_record(disk, "words/one.json", Word, remedy="write it again")
    assert not isinstance(found.value, DamagedRecord)


def test_who_finds_another_content_says_the_same(disk: Storage) -> None:
    error = damaged(disk, "words/one.json", "it holds another word", remedy="restore it")
    assert str(error) == f"{disk.root}/words/one.json is damaged: it holds another word\n  remedy: restore it"
