"""A delivery that a full disk, a certificate or a kill stopped is completed by the next one."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from genart_assets.errors import StorageError
from genart_assets.records.streams import RowStream
from genart_assets.signing.identity import CertificateNotValid, SigningIdentity
from genart_assets.signing.own_certificate import own_identity
from genart_assets.stages.delivery.deliver import folder_of
from genart_assets.storage.local_files import LocalFiles
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets_tests.stages.delivery.delivered import count_encodings, delivered_bytes, storage
from genart_assets_tests.stages.delivery.delivery_case import delivery_case
from genart_assets_tests.warm.python import warm_python

__all__ = ["storage"]


def test_a_full_disk_stops_the_delivery_and_the_next_one_completes_it(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = delivery_case(storage)
    write_once, written = LocalFiles.write_once, []

    def filling(self: LocalFiles, rel: str, data: bytes) -> bool:
        written.append(rel)
        if len(written) > 12:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_once(self, rel, data)

    with monkeypatch.context() as patch:
        patch.setattr(LocalFiles, "write_once", filling)
        with pytest.raises(StorageError, match="No space left"):
            list(case.deliver(storage))
    list(case.deliver(storage))
    undisturbed = Storage.open(str(tmp_path / "undisturbed"))
    list(delivery_case(undisturbed).deliver(undisturbed))
    assert delivered_bytes(storage) == delivered_bytes(undisturbed)


def test_a_certificate_that_is_not_valid_now_stops_the_delivery_and_costs_no_image(
    storage: Storage, tmp_path: Path
) -> None:
    """A clock that is wrong, or a certificate that was not renewed, is no image's fault: none is failed for good."""
    case, signer = delivery_case(storage, formats=("png",)), own_identity(tmp_path / "home")
    expired = replace(signer, valid_until=datetime(2020, 2, 29, tzinfo=UTC))
    table = TableStore(storage, "deliveries", case.batch.key)

    def stream(signer: SigningIdentity) -> RowStream[pd.DataFrame]:
        return RowStream(ids=case.ids, compute=lambda missing: case.deliver(storage, missing, signer=signer))

    with pytest.raises(CertificateNotValid, match="expired on 2020-02-29, and this machine's clock says") as refused:
        table.write(stream(expired))
    assert "move signing/ out of the home" in refused.value.remedy
    assert not delivered_bytes(storage)
    table.write(stream(signer))
    assert (table.failures(), len(table.read())) == ({}, 8)


KILLED_AFTER = """
import os, signal, sys
from genart_assets.storage.root import Storage
from genart_assets_tests.stages.delivery.delivery_case import delivery_case
storage = Storage.open(sys.argv[1])
case = delivery_case(storage)
write_once, written = storage.write_once, []
def counting(rel, data):
    new = write_once(rel, data)
    written.append(rel)
    if len(written) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return new
storage.write_once = counting
list(case.deliver(storage))
"""


def test_killed_deliveries_are_resumed_to_the_same_bytes(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for writes in (1, 7, 10, 23):
        done = subprocess.run([warm_python(), "-c", KILLED_AFTER, storage.root, str(writes)], timeout=120)
        assert done.returncode == -signal.SIGKILL
    committed = [name for name in delivered_bytes(storage) if name.endswith("manifest.json")]
    seen = count_encodings(monkeypatch)
    case = delivery_case(storage)
    assert [i for rows in case.deliver(storage) for i in rows.ids] == list(case.ids)
    assert committed
    assert set(seen) == {folder_of(case.batch, p) for p in case.plan} - {os.path.dirname(name) for name in committed}
    undisturbed = Storage.open(str(tmp_path / "undisturbed"))
    list(delivery_case(undisturbed).deliver(undisturbed))
    assert delivered_bytes(storage) == delivered_bytes(undisturbed)
