from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys

import pytest

from genart_assets.storage.root import Storage

KILLED_BEFORE_THE_NAME = """
import os, signal, sys
from genart_assets.storage.root import Storage
os.link = lambda *paths, **options: os.kill(os.getpid(), signal.SIGKILL)
Storage.open(sys.argv[1]).write_once("a/x", b"half")
"""


def leave_a_temporary_file(storage: Storage) -> str:
    killed = subprocess.run([sys.executable, "-c", KILLED_BEFORE_THE_NAME, storage.root], check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = os.listdir(storage.path("a"))
    return left


def test_what_a_killed_writer_left_is_no_file_and_goes_with_the_next_write(disk: Storage) -> None:
    left = leave_a_temporary_file(disk)
    assert left.startswith(".tmp-")
    assert disk.names("a") == []
    assert not disk.exists("a/x")
    assert disk.write_once("a/y", b"1")
    assert os.listdir(disk.path("a")) == ["y"]


def test_the_temporary_file_of_a_living_writer_stays(disk: Storage) -> None:
    left = leave_a_temporary_file(disk)
    with open(str(disk.path("a")) + "/" + left, "rb") as writing:
        fcntl.flock(writing, fcntl.LOCK_EX)
        disk.write_once("a/y", b"1")
    assert sorted(os.listdir(disk.path("a"))) == [left, "y"]


def test_a_writer_whose_temporary_file_was_swept_tries_again(disk: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    link, swept = os.link, []

    def sweep_once(temp: str, target: str) -> None:
        if not swept:
            os.unlink(temp)
            swept.append(temp)
        link(temp, target)

    monkeypatch.setattr(os, "link", sweep_once)
    assert disk.write_once("a/x", b"1")
    assert disk.read("a/x") == b"1"


@pytest.mark.parametrize("call", ["write_once", "replace"])
def test_bytes_then_name_then_folder_are_synced(disk: Storage, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    done: list[str] = []
    fsync, link, replace = os.fsync, os.link, os.replace

    def recorded_fsync(fd: int) -> None:
        name = os.path.basename(os.readlink(f"/proc/self/fd/{fd}"))
        done.append("sync bytes" if name.startswith(".tmp-") else f"sync {name}")
        fsync(fd)

    def recorded_link(temp: str, target: str) -> None:
        done.append("name")
        link(temp, target)

    def recorded_replace(temp: str, target: str) -> None:
        done.append("name")
        replace(temp, target)

    disk.write_once("other", b"")  # makes the root
    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(os, "link", recorded_link)
    monkeypatch.setattr(os, "replace", recorded_replace)
    getattr(disk, call)("a/b/x", b"1")
    assert done == ["sync storage", "sync a", "sync bytes", "name", "sync b"]


def test_files_have_the_permissions_of_the_umask(disk: Storage) -> None:
    disk.write_once("a", b"1")
    umask = os.umask(0)
    os.umask(umask)
    assert os.stat(disk.path("a")).st_mode & 0o777 == 0o666 & ~umask
