"""Implements `genart verify`: says in one sentence per file what its signature proves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console


def verify_command(files: Sequence[Path], *, as_json: bool) -> int:
    """Check signature, content and record of every file, without writing anything or making a home.

    Returns 0 if all are proven, 2 if one cannot be read, otherwise 1.

    Raises:
        InputError: the trust anchors cannot be read. StorageError: the storage cannot be read, or the home's test
            certificate is damaged.
    """
    from genart_assets.instance.home import home_path
    from genart_assets.instance.services import storage_from
    from genart_assets.provenance.delivery_record import beside_the_record
    from genart_assets.signing.trust import trust_of
    from genart_assets.signing.verify import Verified, verify
    from genart_assets.storage.root import Storage

    home = home_path()
    storage, trust = Storage.open(str(storage_from(home))), trust_of(home)
    console = Console(highlight=False, soft_wrap=True)
    answers: list[tuple[Path, Verified]] = []
    unreadable = False
    for path in files:
        try:
            data = path.read_bytes()
        except OSError as error:
            found, unreadable = Verified(proven=False, told=f"it cannot be read: {error.strerror}"), True
        else:
            found = verify(data, trust.anchors, test_signers=trust.test_signers)
            found = beside_the_record(found, data, storage)
        answers.append((path, found))
        if not as_json:
            word = "[green]proven[/green]    " if found.proven else "[red]not proven[/red]"
            console.print(f"{word}  ", end="")
            console.print(f"{path}: {found.told}", markup=False)
    proven = all(found.proven for _, found in answers)
    if as_json:
        lines = [{"file": str(path), **found.model_dump(mode="json")} for path, found in answers]
        print(json.dumps({"proven": proven, "files": lines}, ensure_ascii=False))
    return 2 if unreadable else 0 if proven else 1
