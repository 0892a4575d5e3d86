from __future__ import annotations

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from genart_assets.errors import InputError, StorageError
from genart_assets.storage.root import Storage
from genart_assets_tests.storage.roots import on_small_disk


def test_a_name_is_written_once(storage: Storage) -> None:
    assert storage.write_once("orders/a.json", b"first")
    assert not storage.write_once("orders/a.json", b"second")
    assert storage.read("orders/a.json") == b"first"
    assert storage.exists("orders/a.json")
    assert storage.size("orders/a.json") == 5


def test_of_many_writers_of_a_name_one_wins(root: str) -> None:
    def write(i: int) -> bool:
        return Storage.open(root).write_once("pixels/aa/x.png", bytes([i]) * 1000)

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(write, range(16)))
    assert sum(won) == 1
    assert Storage.open(root).read("pixels/aa/x.png") == bytes([won.index(True)]) * 1000
    assert Storage.open(root).names("pixels/aa") == ["x.png"]


def test_replace_replaces(storage: Storage) -> None:
    storage.replace("marker", b"old")
    storage.replace("marker", b"new")
    assert storage.read("marker") == b"new"


def test_names_are_the_files_directly_below(storage: Storage) -> None:
    for name in ("inbox/b.yaml", "inbox/a.yaml", "inbox/rejected/c.yaml", "inbox2/d.yaml"):
        storage.write_once(name, b"x")
    assert storage.names("inbox") == ["a.yaml", "b.yaml"]
    assert storage.names("missing") == []
    assert not storage.exists("inbox")


def test_odd_names_of_foreign_files_can_be_handled(storage: Storage) -> None:
    for name in ("über brief #1?.yaml", "back\\slash.yaml", "100%25 + more&.yaml"):
        storage.write_once(f"inbox/{name}", b"x")
        assert name in storage.names("inbox")
        assert storage.read(f"inbox/{name}") == b"x"


def test_move_keeps_what_is_there(storage: Storage) -> None:
    storage.write_once("inbox/a", b"1")
    storage.write_once("inbox/b", b"2")
    storage.move("inbox/a", "done/a")
    assert storage.names("inbox") == ["b"]
    with pytest.raises(StorageError, match="is there already"):
        storage.move("inbox/b", "done/a")
    assert (storage.read("inbox/b"), storage.read("done/a")) == (b"2", b"1")


def test_a_move_that_was_cut_short_is_finished(storage: Storage) -> None:
    storage.write_once("inbox/a", b"1")
    storage.write_once("done/a", b"1")
    storage.move("inbox/a", "done/a")
    assert storage.names("inbox") == []


def test_delete_is_done_once_and_again(storage: Storage) -> None:
    storage.write_once("a", b"1")
    storage.delete("a")
    storage.delete("a")
    assert not storage.exists("a")


def test_what_another_process_writes_is_seen(moto_root: str) -> None:
    storage = Storage.open(moto_root)
    assert storage.names("latents/b") == []
    assert not storage.exists("latents/b/x")
    bucket, prefix = moto_root.removeprefix("s3://").split("/")
    boto3.client("s3").put_object(Bucket=bucket, Key=f"{prefix}/latents/b/x", Body=b"1")
    assert storage.names("latents/b") == ["x"]
    assert storage.exists("latents/b/x")
    boto3.client("s3").delete_object(Bucket=bucket, Key=f"{prefix}/latents/b/x")
    assert storage.names("latents/b") == []
    assert not storage.exists("latents/b/x")


@pytest.mark.parametrize(
    "rel", ["", "/etc/passwd", "../x", "a/../../x", "a/..", "a//b", "a/", ".", "a/./b", "a\0b", ".tmp-x"]
)
def test_no_name_leaves_the_root(storage: Storage, rel: str) -> None:
    for use in (storage.path, storage.read, storage.names, storage.delete, storage.exists):
        with pytest.raises(InputError, match="is not a name inside the storage"):
            use(rel)
    with pytest.raises(InputError):
        storage.write_once(rel, b"x")
    with pytest.raises(InputError):
        storage.replace(rel, b"x")


def test_path_tells_where_a_name_lies(storage: Storage) -> None:
    storage.write_once("a/b", b"1")
    assert str(storage.path("a/b")) == f"{storage.root}/a/b"
    assert storage.path("a/b").read_bytes() == b"1"


def test_an_unknown_kind_of_storage_is_refused() -> None:
    with pytest.raises(InputError, match="gs://"):
        Storage.open("gs://bucket")


def test_a_missing_file_is_named(storage: Storage) -> None:
    with pytest.raises(StorageError, match=r"cannot read .*/a/b") as raised:
        storage.read("a/b")
    assert raised.value.remedy


def test_a_missing_bucket_is_named(moto_root: str) -> None:
    with pytest.raises(StorageError, match="bucket does not exist"):
        Storage.open("s3://no-such-bucket/art").write_once("a", b"1")


def test_a_file_in_the_way_is_named(disk: Storage) -> None:
    disk.write_once("latents", b"x")
    with pytest.raises(StorageError, match="cannot write") as raised:
        disk.write_once("latents/b/x", b"1")
    assert "A file stands where" in raised.value.remedy


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    program = f"""
import os
from genart_assets.errors import StorageError
from genart_assets.storage.root import Storage
storage = Storage.open({str(tmp_path / "small")!r})
storage.write_once("a/small", b"x" * 1000)
try:
    storage.write_once("a/large", bytes(1_000_000))
except StorageError as error:
    print(error)
print(os.listdir({str(tmp_path / "small" / "a")!r}), storage.read("a/small") == b"x" * 1000)
"""
    command, env = on_small_disk([sys.executable, "-c", program], tmp_path / "small", options="size=128k")
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    assert "cannot write" in said
    assert "remedy: The disk is full" in said
    assert "['small'] True" in said


def test_a_read_only_disk_is_named(tmp_path: Path) -> None:
    program = f"""
from genart_assets.storage.root import Storage
Storage.open({str(tmp_path / "ro")!r}).write_once("a/x", b"x")
"""
    command, env = on_small_disk([sys.executable, "-c", program], tmp_path / "ro", options="ro")
    failed = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert "StorageError: cannot write" in failed.stderr
    assert "mounted read-only" in failed.stderr


@pytest.mark.parametrize(("number", "remedy"), [(errno.ENOSPC, "disk is full"), (errno.EIO, "reports damage")])
def test_a_failed_sync_announces_nothing(
    disk: Storage, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    disk.write_once("a/x", b"1")

    def fail(fd: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError) as raised:
        disk.write_once("a/y", b"1")
    assert remedy in raised.value.remedy
    assert os.listdir(disk.path("a")) == ["x"]


def test_a_wrong_secret_is_named(s3_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Storage.open(s3_root).write_once("a", b"1")
    assert not Storage.open(s3_root).write_once("a", b"2")
    program = f"from genart_assets.storage.root import Storage; Storage.open({s3_root!r}).write_once('b', b'1')"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    failed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "StorageError: cannot write" in failed.stderr
    assert "access key and secret" in failed.stderr
