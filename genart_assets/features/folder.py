"""The folder that a feature store works in: ``features/`` of the storage, or for S3 a copy of it on this machine."""

from __future__ import annotations

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from genart_assets.storage.cache_folder import cache_folder
from genart_assets.storage.root import Storage

FEATURES = "features"
LOCAL = ("online.db",)
"""What is made from the rest, and stays on the machine that made it."""


@contextmanager
def feature_folder(storage: Storage) -> Generator[Path]:
    """A local folder with the features; another process waits until the block ends. What S3 lacks is put there then."""
    cache = cache_folder(storage)
    folder = Path(storage.root) / FEATURES if storage.is_local else cache / FEATURES
    for one in (cache, folder):
        one.mkdir(parents=True, exist_ok=True)
    with open(cache / "features.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if storage.is_local:
            yield folder
            return
        kept = {name: storage.read(f"{FEATURES}/{name}") for name in storage.names(FEATURES)}
        for name, data in kept.items():
            (folder / name).write_bytes(data)
        yield folder
        for path in sorted(folder.iterdir()):
            if path.name not in LOCAL and path.read_bytes() != kept.get(path.name):
                storage.replace(f"{FEATURES}/{path.name}", path.read_bytes())
