from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from genart_assets.errors import BatchBusyError, StorageError
from genart_assets.storage.locks import batch_lock, holder_of
from genart_assets.storage.root import Storage

BATCH = "market.0123456789.r0.0000"
HOLDER = """
import sys
from genart_assets.storage.locks import batch_lock
from genart_assets.storage.root import Storage
with batch_lock(Storage.open(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_elsewhere(storage: Storage) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, storage.root, BATCH]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_run_is_refused_and_told_who_holds_the_batch(storage: Storage) -> None:
    with held_elsewhere(storage) as process:
        with (
            pytest.raises(BatchBusyError, match=f"process {process.pid} on {os.uname().nodename}"),
            batch_lock(storage, BATCH),
        ):
            pass
        holder = holder_of(storage, BATCH)
        assert holder
        assert holder.pid == process.pid
        with batch_lock(storage, "another.0123456789.r0.0000"):
            pass


def test_a_killed_holder_holds_nothing(storage: Storage) -> None:
    with held_elsewhere(storage) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert holder_of(storage, BATCH) is None
        with batch_lock(storage, BATCH):
            assert holder_of(storage, BATCH)
    assert holder_of(storage, BATCH) is None


def test_the_thread_that_holds_a_batch_may_take_it_again(disk: Storage) -> None:
    with batch_lock(disk, BATCH):
        with batch_lock(disk, BATCH):
            pass
        assert holder_of(disk, BATCH)


def test_another_thread_may_not(disk: Storage) -> None:
    def take() -> None:
        with batch_lock(disk, BATCH):
            pass

    with batch_lock(disk, BATCH), ThreadPoolExecutor(1) as pool, pytest.raises(BatchBusyError):
        pool.submit(take).result()


def test_the_assets_of_a_batch_are_locked_apart(disk: Storage) -> None:
    with batch_lock(disk, BATCH, asset="latents"):
        assert holder_of(disk, BATCH) is None
        assert holder_of(disk, BATCH, asset="images") is None
        assert holder_of(disk, BATCH, asset="latents")


def test_no_lock_file_stays(disk: Storage) -> None:
    with batch_lock(disk, BATCH):
        assert os.listdir(disk.path(".locks"))
    assert not os.listdir(disk.path(".locks"))


def test_a_lock_that_cannot_be_written_is_an_error_with_a_remedy(disk: Storage) -> None:
    disk.write_once(".locks", b"a file in the way")
    with pytest.raises(StorageError, match="lock batch"), batch_lock(disk, BATCH):
        pass
