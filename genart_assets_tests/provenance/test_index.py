"""Records are found by the beginning of their id, and the index may be lost at any time."""

from __future__ import annotations

import errno
from pathlib import Path

import duckdb
import pytest

from genart_assets.errors import InputError
from genart_assets.provenance.index import FILE, provenance_index
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.provenance.which import find_image
from genart_assets.storage.local_files import LocalFiles
from genart_assets.storage.root import Storage


def test_an_image_is_found_by_its_id_or_the_beginning(storage: Storage, records: list[ProvenanceRecord]) -> None:
    with provenance_index(storage) as index:
        for record in records:
            assert find_image(record.recipe_id, index)[0] == record
            assert find_image(record.recipe_id[:12], index)[0] == record
        assert index.find("f" * 64) == []
        slots = [index.attempts(record.order, record.slot_index) for record in records[:4]]
        assert [[a.round for a in attempts] for attempts in slots] == [[0, 1]] * 4
        assert {record.brief for record in index.sample(10, "fine")} == {"fine"}
        assert len(index.sample(2)) == 2


def test_a_delivered_file_tells_which_image_it_is_also_renamed(
    storage: Storage, records: list[ProvenanceRecord], tmp_path: Path
) -> None:
    for file in storage.path("deliveries").glob("**/*-32.*"):
        renamed = tmp_path / f"moved{file.suffix}"
        renamed.write_bytes(file.read_bytes())
        with provenance_index(storage) as index:
            found, how = find_image(str(renamed), index)
        assert f"{found.slot_index:06d}-{found.recipe_id[:12]}" == file.parent.name
        assert how.by == "metadata"
        assert how.distance is None if file.suffix == ".svg" else how.distance < 3


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("0" * 12, "no record of an image 000000000000"),
        ("peach", "'peach' is neither a file nor a recipe id"),
        ("abc", "'abc' is neither"),
        (__file__, "is not a readable picture"),
    ],
)
def test_what_is_no_image_of_this_storage_is_told(storage: Storage, given: str, told: str) -> None:
    with provenance_index(storage) as index, pytest.raises(InputError, match=told) as refused:
        find_image(given, index)
    assert refused.value.remedy


@pytest.mark.parametrize("damage", [None, b"no database"])
def test_a_lost_index_is_made_again(storage: Storage, records: list[ProvenanceRecord], damage: bytes | None) -> None:
    file = Path(storage.root) / ".cache" / FILE
    file.unlink()
    if damage is not None:
        file.write_bytes(damage)
    with provenance_index(storage) as index:
        assert len(index.sample(100)) == len(records)


def test_an_index_of_an_older_release_is_made_again(storage: Storage, records: list[ProvenanceRecord]) -> None:
    file = Path(storage.root) / ".cache" / FILE
    file.unlink()
    with duckdb.connect(str(file)) as older:
        older.execute("CREATE TABLE records (recipe_id VARCHAR)")
    with provenance_index(storage) as index:
        assert len(index.sample(100)) == len(records)


def test_a_disk_that_refuses_is_told_with_its_own_remedy(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told to delete records that are there."""
    (Path(storage.root) / ".cache" / FILE).unlink()
    read = LocalFiles.read

    def refusing(self: LocalFiles, rel: str) -> bytes:
        if rel.startswith("assets/provenance/") and rel.endswith(".parquet"):
            raise OSError(errno.EIO, "Input/output error")
        return read(self, rel)

    with monkeypatch.context() as patch:
        patch.setattr(LocalFiles, "read", refusing)
        with provenance_index(storage) as index:
            assert {error.remedy for error in index.damaged} == {
                "The disk reports damage: move the storage to a sound one."
            }
    with provenance_index(storage) as index:
        assert not index.damaged, "they are looked at again"
