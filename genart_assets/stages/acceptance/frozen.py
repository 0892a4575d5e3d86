"""What a brief's names of LoRAs and ControlNets stand for now, written into the brief before it is accepted."""

from __future__ import annotations

from genart_assets.errors import InputError
from genart_assets.loras.files import located_snapshot
from genart_assets.loras.versions import version_of
from genart_assets.models.controls import control_snapshot
from genart_assets.records.brief import Brief, LoraUse, control_name
from genart_assets.storage.root import Storage


def freeze_adapters(brief: Brief, storage: Storage) -> Brief:
    """The brief with the versions and the snapshot ids of its LoRAs, and the one of its ControlNet.

    So the brief says which version ``promoted`` was, and other weights make another brief of it.

    Raises:
        InputError: the brief gives a snapshot id, and the files hash to another one.
        InputError, ModelError: a name leads to no usable files.
    """
    loras = [_frozen(use, storage) for use in brief.loras]
    control = brief.control
    if control is not None:
        name = control_name(control)
        control = control.model_copy(
            update={"snapshot": _taken(name, control_snapshot(name).snapshot_id, control.snapshot)}
        )
    return brief.model_copy(update={"loras": tuple(loras), "control": control})


def _frozen(use: LoraUse, storage: Storage) -> LoraUse:
    version = use.version and version_of(storage, use.name, use.version).version
    snapshot = located_snapshot(storage, use.name, version)
    return use.model_copy(
        update={"version": version, "snapshot": _taken(snapshot.name, snapshot.snapshot_id, use.snapshot)}
    )


def _taken(name: str, found: str, given: str) -> str:
    if given and given != found:
        raise InputError(
            f"{name!r} is snapshot {found}, the brief gives {given}",
            remedy="put those weights there, or remove the key",
        )
    return found
