"""Whether this storage's own record of a delivery promises a signed file."""

from __future__ import annotations

from genart_assets.records.base import sha256_hex
from genart_assets.signing.verify import Verified
from genart_assets.stages.delivery.delivery_manifest import MANIFEST, DeliveryManifest, delivery_folder
from genart_assets.storage.records import DamagedRecord, read_record
from genart_assets.storage.root import Storage


def beside_the_record(found: Verified, data: bytes, storage: Storage) -> Verified:
    """The answer about the file ``data``, with what this storage knows of its delivery.

    A file that was delivered elsewhere stays proven; one whose record here is damaged or promises other bytes does not.
    """
    record = found.record
    if not found.proven or record is None:
        return found
    path = f"{delivery_folder(record.brief, record.batch, record.slot, record.recipe_id)}/{MANIFEST}"
    if not storage.exists(path):
        return _with(found, f"{found.told}; this storage has no record of its delivery")
    try:
        manifest = read_record(storage, path, DeliveryManifest, remedy="restore the file from a backup")
    except DamagedRecord:
        return _with(found, f"it is signed, but its record in this storage, {path}, is damaged", proven=False)
    promised = {file.sha256 for file in manifest.files if file.name == record.file}
    if manifest.recipe_id != record.recipe_id or sha256_hex(data) not in promised:
        told = f"it is signed, but {path} in this storage promises another file under this name"
        return _with(found, told, proven=False)
    return _with(found, f"{found.told}; it is the file that this storage's record promises")


def _with(found: Verified, told: str, *, proven: bool = True) -> Verified:
    return found.model_copy(update={"told": told, "proven": proven})
