"""The files of the inbox: which are complete, which must not be read, and where refused ones go."""

from __future__ import annotations

import os
import time
from pathlib import Path

from genart_assets.errors import InputError
from genart_assets.records.base import sha256_hex
from genart_assets.stages.briefs.yaml_text import MAX_BYTES
from genart_assets.storage.remedies import explained
from genart_assets.storage.root import Storage

INBOX = "inbox"
REJECTED = f"{INBOX}/rejected"
SUFFIXES = (".yaml", ".yml")
SETTLED_SECONDS = 1.0
"""A file that changed more recently may still be in the middle of being copied."""


def briefs_in(storage: Storage) -> list[str]:
    """Names of the briefs in the inbox, sorted. Other files, hidden files and subfolders are left alone."""
    return [
        name for name in storage.names(INBOX) if name.lower().endswith(SUFFIXES) and not name.startswith((".", "~"))
    ]


def is_settled(storage: Storage, name: str) -> bool:
    """Whether nobody has written to the file for a second. An object in S3 is there as a whole or not at all.

    The time of the inode's change counts: a copy that keeps the original's date cannot set it. Where it lies ahead, the
    clock was set back since.
    """
    if not storage.is_local:
        return True
    with explained(f"look up {storage.root}/{INBOX}/{name}"):
        return abs(time.time() - os.stat(str(storage.path(f"{INBOX}/{name}"))).st_ctime) >= SETTLED_SECONDS


def read(storage: Storage, name: str) -> bytes:
    """The bytes of a brief in the inbox.

    Raises:
        InputError: a link to a file outside of the storage, or over 1 MiB. StorageError: it cannot be read.
    """
    place = f"{INBOX}/{name}"
    if storage.is_local and not _stays_inside(storage, place):
        raise InputError(
            f"{name}: a link to a file outside of the storage is not read", remedy="copy the brief itself to the inbox"
        )
    if (storage.size(place) or 0) > MAX_BYTES:
        raise InputError(f"{name}: the brief has more than {MAX_BYTES:,} bytes", remedy="split it into several briefs")
    return storage.read(place)


def reject(storage: Storage, name: str, why: str, data: bytes | None) -> str:
    """Move a brief to ``inbox/rejected/``, the reason beside it as ``{name}.reason.txt``; its name there.

    ``data`` is its content where it was read. Another brief that was rejected under this name stays.
    """
    aside = f"{REJECTED}/{name}"
    if storage.exists(aside) and (data is None or storage.read(aside) != data):
        aside = f"{REJECTED}/{sha256_hex(data or why)[:8]}-{name}"
    storage.replace(f"{aside}.reason.txt", f"{why}\n".encode(errors="backslashreplace"))
    with explained(f"move {storage.root}/{INBOX}/{name} to {aside}"):
        storage.path(f"{INBOX}/{name}").rename(storage.path(aside))
    return aside


def _stays_inside(storage: Storage, place: str) -> bool:
    """An operator may have made the storage or the inbox itself a link to another disk."""
    real = Path(os.path.realpath(str(storage.path(place))))
    return any(real.is_relative_to(os.path.realpath(str(folder))) for folder in (storage.root, storage.path(INBOX)))
