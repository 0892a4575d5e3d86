"""The weights that images were made with: every file's hash, kept under the snapshot's id."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from genart_assets.errors import GenartError, StorageError
from genart_assets.models.controls import control_name, control_snapshot
from genart_assets.models.loras import lora_snapshot
from genart_assets.models.snapshot import require_snapshot, take_snapshot
from genart_assets.records import Brief, ModelSnapshot
from genart_assets.storage.root import Storage

DIGITS = 12
FILES = 3
"""Files that are named of weights that changed."""


def keep_snapshot(storage: Storage, snapshot: ModelSnapshot) -> None:
    """Stores a snapshot as ``models/{id}.json``, once; the name it had then stays in it."""
    storage.write_once(_path(snapshot.snapshot_id), snapshot.canonical().encode())


def keep_adapters(storage: Storage, brief: Brief) -> list[ModelSnapshot]:
    """Stores the snapshots of a brief's LoRAs and ControlNet, and gives them.

    Raises:
        InputError, ModelError: one is gone, or is not what the brief was accepted with.
    """
    found = [(use.snapshot, lora_snapshot(use.name, use.version)) for use in brief.loras]
    if brief.control is not None:
        found.append((brief.control.snapshot, control_snapshot(control_name(brief.control))))
    for planned, snapshot in found:
        require_snapshot(repr(snapshot.name), snapshot.snapshot_id, planned)
        keep_snapshot(storage, snapshot)
    return [snapshot for _, snapshot in found]


def kept_snapshot(storage: Storage, snapshot_id: str) -> ModelSnapshot | None:
    """The snapshot with an id; None where none was kept.

    Raises:
        StorageError: its file is damaged.
    """
    path = _path(snapshot_id)
    if not storage.exists(path):
        return None
    try:
        return ModelSnapshot.model_validate_json(storage.read(path))
    except ValidationError as error:
        raise StorageError(f"{storage.root}/{path} is damaged", remedy="restore the file from a backup") from error


def lost_weights(storage: Storage, name: str, snapshot_id: str) -> str:
    """Why the weights that had an id under a model's name cannot be used, by their files' hashes; empty if they can.

    Every file is hashed as it is now, so that weights that changed under the same name are found.
    """
    what = f"weights {snapshot_id[:DIGITS]} of model {name!r}"
    try:
        now = take_snapshot(name)
    except GenartError as error:
        return f"{what} are gone: {error.message}"
    if now.snapshot_id == snapshot_id:
        return ""
    changed = f"{what} have changed, they are {now.snapshot_id[:DIGITS]} now"
    try:
        then = kept_snapshot(storage, snapshot_id)
    except StorageError as error:
        return f"{changed}; {error.message}"
    return f"{changed}: {_differences(then.files, now.files)}" if then else changed


def _differences(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    lines = [
        f"{file} was {then[file][:DIGITS] if file in then else 'not there'}, "
        f"is {now[file][:DIGITS] if file in now else 'gone'}"
        for file in sorted({*then, *now})
        if then.get(file) != now.get(file)
    ]
    return ", ".join(lines[:FILES]) + (f" and {len(lines) - FILES} more" if len(lines) > FILES else "")


def _path(snapshot_id: str) -> str:
    return f"models/{snapshot_id}.json"
