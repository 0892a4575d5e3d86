"""Durable files on a local disk: written under a temporary name, synced, then given their name."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

TEMP_PREFIX = ".tmp-"


class LocalFiles:
    """Files below a local folder.

    A writer locks its temporary file until the file has its name, and the kernel drops the lock with the process. So
    a temporary file that can be locked is left over from a kill; the next process that writes to the folder removes it.
    """

    def __init__(self, root: Path, *, mode: int = 0o666) -> None:
        """``mode`` is the files' permissions, as far as the umask grants them."""
        from upath import UPath

        self.root = UPath(root)
        self._root = str(root)
        self._mode = mode
        self._swept: set[str] = set()

    def read(self, rel: str) -> bytes:
        with open(f"{self._root}/{rel}", "rb") as file:
            return file.read()

    def size(self, rel: str) -> int | None:
        try:
            found = os.stat(f"{self._root}/{rel}")
        except FileNotFoundError:
            return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def write_once(self, rel: str, data: bytes) -> bool:
        target = f"{self._root}/{rel}"
        folder = os.path.dirname(target)
        self._prepare(folder)
        written = False
        if not os.path.lexists(target):
            try:
                self._publish(folder, data, lambda temp: os.link(temp, target))
                written = True
            except FileExistsError:
                pass  # another writer was faster
        _sync_folder(folder)  # where the name was taken too: its writer may have died before this
        return written

    def replace(self, rel: str, data: bytes) -> None:
        target = f"{self._root}/{rel}"
        folder = os.path.dirname(target)
        self._prepare(folder)
        self._publish(folder, data, lambda temp: os.replace(temp, target))
        _sync_folder(folder)

    def names(self, rel: str) -> list[str]:
        try:
            with os.scandir(f"{self._root}/{rel}") as entries:
                return [e.name for e in entries if not e.name.startswith(TEMP_PREFIX) and e.is_file()]
        except FileNotFoundError:
            return []

    def delete(self, rel: str) -> None:
        target = f"{self._root}/{rel}"
        if _unlink_if_there(target):
            _sync_folder(os.path.dirname(target))

    def _publish(self, folder: str, data: bytes, give_name: Callable[[str], None]) -> None:
        while True:
            temp = f"{folder}/{TEMP_PREFIX}{uuid4().hex}"
            try:
                with open(temp, "xb", buffering=0, opener=lambda path, flags: os.open(path, flags, self._mode)) as file:
                    fcntl.flock(file, fcntl.LOCK_EX)
                    rest = memoryview(data)
                    while rest:
                        rest = rest[file.write(rest) :]
                    os.fsync(file.fileno())
                    try:
                        give_name(temp)
                    except FileNotFoundError:
                        continue  # swept by another process before the lock was taken
                    return
            finally:
                _unlink_if_there(temp)

    def _prepare(self, folder: str) -> None:
        if not os.path.isdir(folder):
            _make_folder(folder)
        if folder not in self._swept:
            self._swept.add(folder)
            _sweep(folder)


def _make_folder(folder: str) -> None:
    parent = os.path.dirname(folder)
    if not os.path.isdir(parent):
        _make_folder(parent)
    try:
        os.mkdir(folder)
    except FileExistsError:
        if not os.path.isdir(folder):
            raise NotADirectoryError(20, "Not a directory", folder) from None
    _sync_folder(parent)


def _sweep(folder: str) -> None:
    with os.scandir(folder) as entries:
        leftovers = [entry.path for entry in entries if entry.name.startswith(TEMP_PREFIX)]
    for path in leftovers:
        try:
            with open(path, "rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _unlink_if_there(path)
        except (BlockingIOError, FileNotFoundError):
            pass  # its writer lives, or has just finished


def _sync_folder(folder: str) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _unlink_if_there(path: str) -> bool:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True
