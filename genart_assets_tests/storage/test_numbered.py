"""Records lie one after the other, and none is ever replaced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from genart_assets.errors import StorageError
from genart_assets.records.base import Record
from genart_assets.storage.numbered import Numbered
from genart_assets.storage.root import Storage
from genart_assets_tests.storage.roots import moto_address, moto_root, root, storage

__all__ = ["moto_address", "moto_root", "root", "storage"]


class Word(Record):
    said: str


def test_the_last_one_is_the_newest_and_all_stay(storage: Storage) -> None:
    words = Numbered(storage, "said/ada.", Word)
    assert (len(words), words.last()) == (0, None)
    for said in ("one", "two", "two"):
        words.append(Word(said=said))
    assert [word.said for word in words] == ["one", "two", "two"]
    assert words.last() == Word(said="two")
    assert len(Numbered(storage, "said/ad.", Word)) == 0


def test_writers_at_once_lose_nothing(storage: Storage) -> None:
    words = Numbered(storage, "said/", Word)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: words.append(Word(said=str(number))), range(20)))
    assert sorted(int(word.said) for word in words) == list(range(20))


def test_a_number_is_given_once(storage: Storage) -> None:
    words = Numbered(storage, "said/", Word)
    assert words.put(Word(said="mine"), 0)
    assert not words.put(Word(said="theirs"), 0)
    assert words.last() == Word(said="mine")


def test_a_damaged_one_is_named(storage: Storage) -> None:
    storage.write_once("said/00000000.json", b'{"said": ')
    with pytest.raises(StorageError, match=r"said/00000000\.json is damaged"):
        Numbered(storage, "said/", Word).last()
