"""Where this machine keeps what is made again from a storage whenever it is lost."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from genart_assets.storage.root import Storage


def cache_folder(storage: Storage) -> Path:
    """``.cache/`` of a local storage; for S3 a folder of this user in the temporary folder. It may not exist yet."""
    if storage.is_local:
        return Path(storage.root) / ".cache"
    root = hashlib.sha256(storage.root.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"genart-cache-{os.getuid()}" / root
