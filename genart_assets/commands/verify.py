"""`genart verify`: whether files are what they say, one sentence each."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from genart_assets.errors import InputError

if TYPE_CHECKING:
    from genart_assets.signing.signed_record import SignedRecord
    from genart_assets.signing.verify import Verified
    from genart_assets.storage.root import Storage

ANCHORS_VARIABLE = "GENART_TRUST_ANCHORS"


def verify_command(files: Sequence[Path], *, as_json: bool) -> int:
    """Check signature, content and record of every file. Returns 0 if all are proven, else 1.

    Raises:
        InputError: a file is not there, or the trust anchors cannot be read.
    """
    from genart_assets.instance.home import Home
    from genart_assets.signing.own_certificate import own_chain
    from genart_assets.signing.verify import verify
    from genart_assets.storage.root import Storage

    home = Home.open()
    storage = Storage.open(home.storage_root)
    anchors, own = _anchors(), own_chain(home.path) or ""
    console = Console(highlight=False, soft_wrap=True)
    lines: list[dict[str, object]] = []
    for path in files:
        data = _read(path)
        found = verify(data, anchors, test_signers=own)
        if found.proven and found.record:
            found = _beside_the_record(storage, found, found.record, data)
        lines.append({"file": str(path), **found.model_dump(mode="json")})
        if not as_json:
            word = "[green]proven[/green]    " if found.proven else "[red]not proven[/red]"
            console.print(f"{word}  {path}: ", end="")
            console.print(found.told, markup=False)
    proven = all(line["proven"] for line in lines)
    if as_json:
        print(json.dumps({"proven": proven, "files": lines}, ensure_ascii=False))
    return 0 if proven else 1


def _beside_the_record(storage: Storage, found: Verified, record: SignedRecord, data: bytes) -> Verified:
    """The answer with what this storage knows of the delivery."""
    from genart_assets.records import sha256_hex
    from genart_assets.stages.delivery_manifest import DeliveryManifest

    folder = f"deliveries/{record.brief}/{record.batch}/{record.slot:06d}-{record.recipe_id[:12]}"
    path = f"{folder}/manifest.json"
    if not storage.exists(path):
        return found.model_copy(update={"told": f"{found.told}; this storage has no record of its delivery"})
    manifest = DeliveryManifest.model_validate_json(storage.read(path))
    promised = {file.sha256 for file in manifest.files if file.name == record.file}
    if manifest.recipe_id != record.recipe_id or sha256_hex(data) not in promised:
        told = f"it is signed, but {path} in this storage promises another file under this name"
        return found.model_copy(update={"proven": False, "told": told})
    return found.model_copy(update={"told": f"{found.told}; it is the file that this storage's record promises"})


def _anchors() -> str:
    path = os.environ.get(ANCHORS_VARIABLE, "")
    if not path:
        from genart_assets.signing.studio import CERTIFICATE_VARIABLE

        path = os.environ.get(CERTIFICATE_VARIABLE, "")
    return _read(Path(path)).decode() if path else ""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", remedy="give the path of a file") from error
