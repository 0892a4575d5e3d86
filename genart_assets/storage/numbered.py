"""Records kept one after the other, as numbers 0, 1, 2, …; none of them ever changes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Generic, TypeVar

from genart_assets.records.base import Record
from genart_assets.storage.records import read_record
from genart_assets.storage.root import Storage

Kept = TypeVar("Kept", bound=Record)


class Numbered(Generic[Kept]):
    """The records below one prefix: ``{prefix}00000000.json`` and so on."""

    def __init__(self, storage: Storage, prefix: str, kind: type[Kept]) -> None:
        self._storage, self._prefix, self._kind = storage, prefix, kind

    def __iter__(self) -> Iterator[Kept]:
        """Oldest first.

        Raises:
            StorageError: a record is damaged.
        """
        return (self._read(number) for number in range(len(self)))

    def __len__(self) -> int:
        return next(number for number in count() if not self._storage.exists(self._path(number)))

    def last(self) -> Kept | None:
        """The newest; None where there is none.

        Raises:
            StorageError: it is damaged.
        """
        held = len(self)
        return self._read(held - 1) if held else None

    def put(self, record: Kept, number: int) -> bool:
        """Store a record under a number, durably. False, and nothing stored, if another was faster."""
        return self._storage.write_once(self._path(number), record.canonical().encode())

    def append(self, record: Kept) -> None:
        """Store a record after all others, durably."""
        while not self.put(record, len(self)):
            pass

    def _read(self, number: int) -> Kept:
        return read_record(self._storage, self._path(number), self._kind, remedy="restore the file from a backup")

    def _path(self, number: int) -> str:
        return f"{self._prefix}{number:08d}.json"
