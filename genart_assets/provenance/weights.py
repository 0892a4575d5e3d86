"""The weights that images were made with: every file's hash, kept under the snapshot's id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from genart_assets.errors import GenartError, StorageError
from genart_assets.loras.files import locate, located_snapshot, style_of
from genart_assets.models.controls import control_snapshot
from genart_assets.models.snapshot import require_snapshot, take_snapshot
from genart_assets.provenance.record import Weights
from genart_assets.records.brief import Brief, control_name
from genart_assets.records.recipe import ModelSnapshot
from genart_assets.storage.records import read_record
from genart_assets.storage.root import Storage

DIGITS = 12
FILES = 3
"""Files that are named of weights that changed."""
_SNAPSHOTS: Mapping[str, Callable[[Storage, str], ModelSnapshot]] = {
    "model": lambda _, name: take_snapshot(name),
    "LoRA": located_snapshot,
    "ControlNet": lambda _, name: control_snapshot(name),
}


def store_snapshot(storage: Storage, snapshot: ModelSnapshot) -> None:
    """Stores a snapshot as ``models/{id}.json``, once; the name it had then stays in it."""
    storage.write_once(_path(snapshot.snapshot_id), snapshot.canonical().encode())


def store_adapters(storage: Storage, brief: Brief) -> list[ModelSnapshot]:
    """Stores the snapshots of a brief's LoRAs and ControlNet, and gives them.

    Raises:
        InputError, ModelError: one is gone, or is not what the brief was accepted with.
    """
    found = [(use.snapshot, located_snapshot(storage, use.name, use.version)) for use in brief.loras]
    if brief.control is not None:
        found.append((brief.control.snapshot, control_snapshot(control_name(brief.control))))
    for planned, snapshot in found:
        require_snapshot(repr(snapshot.name), snapshot.snapshot_id, planned)
        store_snapshot(storage, snapshot)
    return [snapshot for _, snapshot in found]


def adapter_files(storage: Storage, adapters: Iterable[ModelSnapshot]) -> dict[str, str]:
    """Snapshot id to where the files of a LoRA or ControlNet are, for `Inputs.files`.

    Raises:
        InputError, ModelError, StorageError: a style has no such version, or its weights are gone or changed.
    """
    return {
        adapter.snapshot_id: str(locate(storage, adapter.name)) if style_of(adapter.name) else adapter.name
        for adapter in adapters
    }


def stored_snapshot(storage: Storage, snapshot_id: str) -> ModelSnapshot | None:
    """The snapshot with an id; None where none was kept.

    Raises:
        StorageError: its file is damaged.
    """
    path = _path(snapshot_id)
    if not storage.exists(path):
        return None
    return read_record(storage, path, ModelSnapshot, remedy="restore the file from a backup")


def lost_weights(storage: Storage, weights: Weights) -> str:
    """Why weights cannot be used any more, by their files' hashes; empty if they can.

    A model is found by its name, a LoRA or a ControlNet by the name that its snapshot was kept under. Every file is
    hashed as it is now, so that weights that changed under the same name are found.
    """
    what = f"weights {weights.snapshot_id[:DIGITS]} of {weights.kind} {weights.name!r}"
    then, damage = None, ""
    try:
        then = stored_snapshot(storage, weights.snapshot_id)
    except StorageError as error:
        damage = f"; {error.message}"
    if weights.kind == "model":
        name = weights.name
    elif then:
        name = then.name
    else:
        return f"{what} are not known here{damage}"
    try:
        now = _SNAPSHOTS[weights.kind](storage, name)
    except GenartError as error:
        return f"{what} are gone: {error.message}"
    if now.snapshot_id == weights.snapshot_id:
        return ""
    files = f": {_differences(then.files, now.files)}" if then else damage
    return f"{what} have changed, they are {now.snapshot_id[:DIGITS]} now{files}"


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
