"""The identity of a model: a hash over its files, so that a name can never stand for other weights unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from genart_assets.errors import ModelError
from genart_assets.models.registry import find_model, model_files
from genart_assets.records.base import canonical_json, sha256_hex
from genart_assets.records.recipe import ModelSnapshot
from genart_assets.starter.shipped import SHIPPED

UNKNOWN_LICENCE = "unknown"


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content as it is now."""
    stat = path.stat()
    return _file_sha256(str(path.resolve()), stat.st_size, stat.st_mtime_ns)


@cache
def _file_sha256(path: str, size: int, mtime_ns: int) -> str:
    """SHA-256 of a file; size and time of change are part of the cache's key, so a changed file is read again."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def take_snapshot(name: str, shipped: dict[str, Path] = SHIPPED) -> ModelSnapshot:
    """Hash a model's files as they are now.

    The snapshot id is the SHA-256 of the canonical JSON that maps each relative path to the SHA-256 of its content.

    Raises:
        InputError: no such model. ModelError: a file that could run code, or no safetensors.
    """
    folder = find_model(name, shipped)
    return snapshot_of(name, folder, model_files(folder))


def snapshot_of(name: str, folder: Path, paths: Sequence[Path]) -> ModelSnapshot:
    """Hash some files of a directory as they are now; ``name`` is what a brief calls them."""
    files: dict[str, str] = {}
    size = 0
    for path in paths:
        files[path.relative_to(folder).as_posix()] = file_sha256(path)
        size += path.stat().st_size
    return ModelSnapshot(
        name=name,
        snapshot_id=sha256_hex(canonical_json(dict(files))),
        files=files,
        bytes=size,
        licence=licence_of(folder),
    )


def require_snapshot(what: str, now: str, planned: str) -> None:
    """Nothing is rendered with other weights than those that a plan was made for.

    Raises:
        ModelError: the snapshot id ``now`` is not the one that was ``planned``.
    """
    if now != planned:
        raise ModelError(
            f"{what} is now snapshot {now[:12]}, the plan was made for {planned[:12]}",
            remedy="put the old weights back, or run the brief again: it then plans new batches for the new weights",
        )


def licence_of(folder: Path) -> str:
    """The first line of the LICENSE in a model's directory, or beside it; ``unknown`` where there is none."""
    for candidate in (folder / "LICENSE", folder.parent / "LICENSE", folder / "LICENSE.md", folder / "LICENSE.txt"):
        if candidate.is_file() and (text := candidate.read_text(encoding="utf-8", errors="replace").strip()):
            return text.splitlines()[0].strip()
    return UNKNOWN_LICENCE


def component_config(name: str, component: str, file: str = "config.json") -> dict[str, object]:
    """The config of one component of a pipeline (``unet``, ``vae``, ``scheduler`` …), read without loading weights."""
    path = find_model(name) / component / file
    loaded: dict[str, object] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return loaded
