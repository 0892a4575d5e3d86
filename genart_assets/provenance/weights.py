"""The weights that images were made with: every file's hash, kept under the snapshot's id."""

from __future__ import annotations

from pydantic import ValidationError

from genart_assets.errors import StorageError
from genart_assets.models.controls import control_name, control_snapshot
from genart_assets.models.loras import lora_snapshot
from genart_assets.models.snapshot import require_snapshot
from genart_assets.records import Brief, ModelSnapshot
from genart_assets.storage.root import Storage


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


def _path(snapshot_id: str) -> str:
    return f"models/{snapshot_id}.json"
