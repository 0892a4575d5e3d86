"""The records of a few images, as tests look at them."""

from __future__ import annotations

from genart_assets.provenance.index import provenance_index
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.storage.root import Storage


def records_of(storage: Storage) -> dict[str, list[ProvenanceRecord]]:
    """Brief to its images, by slot and round, of a storage with at most a hundred."""
    with provenance_index(storage) as index:
        found = sorted(index.sample(100), key=lambda record: (record.slot_index, record.round))
    return {name: [record for record in found if record.brief == name] for name in {one.brief for one in found}}
