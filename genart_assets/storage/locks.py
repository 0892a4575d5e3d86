"""Keeps two runs off one batch. The kernel drops a dead process's lock."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from genart_assets.errors import BatchBusyError
from genart_assets.storage.remedies import explained
from genart_assets.storage.root import Storage, checked

_held = threading.local()


@dataclass(frozen=True)
class Holder:
    """The process that works on a batch."""

    host: str
    pid: int


@contextmanager
def batch_lock(storage: Storage, batch: str, *, asset: str | None = None) -> Generator[None]:
    """Hold ``batch``, or one asset of it. BatchBusyError, naming the holder, if another run does.

    The thread that holds a batch may take it again. Local storages keep the lock inside, so all machines that mount
    them agree; for S3 it lies in the temporary folder and holds on this machine only.
    """
    path = _lock_path(storage, batch, asset)
    mine: dict[Path, int] = _held.__dict__.setdefault("paths", {})
    if path in mine:
        mine[path] += 1
        try:
            yield
        finally:
            mine[path] -= 1
        return
    with explained(f"lock batch {batch}"):
        file = _take(path)
    if file is None:
        holder = holder_of(storage, batch, asset=asset)
        raise BatchBusyError(
            f"batch {batch} is being worked on by {_named(holder)}",
            remedy="wait until that run ends or stop it, then run the same command again",
        )
    mine[path] = 1
    try:
        yield
    finally:
        del mine[path]
        path.unlink(missing_ok=True)
        file.close()


def holder_of(storage: Storage, batch: str, *, asset: str | None = None) -> Holder | None:
    """Who holds the batch now; None if nobody does."""
    path = _lock_path(storage, batch, asset)
    try:
        with path.open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                said = file.read()
                return Holder(**json.loads(said)) if said else Holder(host=socket.gethostname(), pid=0)
            return None
    except FileNotFoundError:
        return None


def _take(path: Path) -> IO[str] | None:
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        if _is_still_there(path, file):
            file.truncate(0)
            file.write(json.dumps({"host": socket.gethostname(), "pid": os.getpid()}))
            file.flush()
            return file
        file.close()  # its holder removed it between our open and our lock


def _is_still_there(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _lock_path(storage: Storage, batch: str, asset: str | None) -> Path:
    name = checked(f"{batch}.{asset}.lock" if asset else f"{batch}.lock")
    if storage.is_local:
        return Path(storage.root) / ".locks" / name
    root = hashlib.sha256(storage.root.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"genart-locks-{os.getuid()}" / root / name


def _named(holder: Holder | None) -> str:
    if holder is None:
        return "a run that has just ended"
    return f"process {holder.pid or 'unknown'} on {holder.host}"
