"""Opens the folder of a feature store: ``features/`` of the storage, or a local copy of it for S3."""

from __future__ import annotations

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from genart_assets.storage.cache_folder import cache_folder
from genart_assets.storage.root import Storage

FEATURES = "features"
LOCAL = ("online.db",)
"""Files that can be made from the others, and stay on the machine that made them."""


@contextmanager
def feature_folder(storage: Storage) -> Generator[Path]:
    """A local folder with the features; other processes wait until the block ends, when changes are stored in S3."""
    cache = cache_folder(storage)
    folder = Path(storage.root) / FEATURES if storage.is_local else cache / FEATURES
    for one in (cache, folder):
        one.mkdir(parents=True, exist_ok=True)
    with open(cache / "features.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if storage.is_local:
            yield folder
            return
        stored = {name: storage.read(f"{FEATURES}/{name}") for name in storage.names(FEATURES)}
        for name, data in stored.items():
            (folder / name).write_bytes(data)
        yield folder
        for path in sorted(folder.iterdir()):
            if path.name not in LOCAL and path.read_bytes() != stored.get(path.name):
                storage.replace(f"{FEATURES}/{path.name}", path.read_bytes())
