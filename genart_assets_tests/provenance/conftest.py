"""A home in which one command ran two briefs: one whose slots fail and are retried, one that is delivered."""

from __future__ import annotations

from pathlib import Path

import pytest

from genart_assets.instance.home import Home
from genart_assets.provenance.index import provenance_index
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.storage.root import Storage
from genart_assets_tests.homes import copied


@pytest.fixture(scope="package")
def home(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(rendered, tmp_path_factory.mktemp("provenance"))


@pytest.fixture(scope="package")
def storage(home: Path) -> Storage:
    return Storage.open(Home.open(home).storage_root)


@pytest.fixture(scope="package")
def records(storage: Storage) -> list[ProvenanceRecord]:
    """Of every image, 4 of `failing` and 3 of `fine`."""
    with provenance_index(storage) as index:
        found = index.sample(100)
    return sorted(found, key=lambda record: (record.brief, record.slot_index, record.round))
