from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from genart_assets.errors import GenartError, StorageError
from genart_assets.records.schemas import IMAGE_INDEX
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.storage.images import ImageStore, Pictures
from genart_assets.storage.pixels import encode_png, pixel_sha256
from genart_assets.storage.root import Storage
from genart_assets_tests.storage.rows import IDS, POISON, Rows, picture

GOOD = tuple(id for id in IDS if id != POISON)


def test_pictures_come_back_pixel_by_pixel(storage: Storage) -> None:
    written = ImageStore(storage, "b").write(Rows().pictures())
    stored = ImageStore(storage, "b").open()
    assert (written.rows, written.new_rows, written.failures) == (10, 10, {POISON: "not finite"})
    assert stored.ids == GOOD
    assert list(stored.index.columns) == IMAGE_INDEX.names
    assert stored.index["recipe_id"].tolist() == list(GOOD)
    assert written.bytes > stored.index["bytes"].sum() == sum(storage.size(path) or 0 for path in stored.index["path"])
    found = list(stored.stream(rows=4))
    assert [micro_batch.ids for micro_batch in found] == [GOOD[:4], GOOD[4:8], GOOD[8:]]
    pictures = np.concatenate([micro_batch.data for micro_batch in found])
    assert np.array_equal(pictures, np.stack([picture(id) for id in GOOD]))
    assert pictures.dtype == np.uint8
    assert {id: why for micro_batch in found for id, why in micro_batch.failures.items()} == stored.failures


def test_pictures_come_in_the_order_asked_for(disk: Storage) -> None:
    ImageStore(disk, "b").write(Rows().pictures())
    (found,) = ImageStore(disk, "b").open().stream(["r09", POISON, "r00"])
    assert found.ids == ("r09", "r00")
    assert np.array_equal(found.data[0], picture("r09"))
    with pytest.raises(StorageError, match="has no row r99"):
        list(ImageStore(disk, "b").open().stream(["r99"]))


def test_the_same_pixels_are_stored_once(disk: Storage) -> None:
    def compute(missing: Sequence[str]) -> Iterator[MicroBatch[Pictures]]:
        yield MicroBatch(tuple(missing), np.zeros((len(missing), 8, 8, 3), np.uint8))

    ImageStore(disk, "b").write(RowStream(IDS, compute))
    before = {path: path.stat().st_mtime_ns for path in disk.path("pixels").rglob("*.png")}
    assert len(before) == 1
    written = ImageStore(disk, "another").write(RowStream(IDS, compute))
    assert {path: path.stat().st_mtime_ns for path in disk.path("pixels").rglob("*.png")} == before
    assert written.bytes == sum(
        disk.size(f"assets/images/another/{n}") or 0 for n in disk.names("assets/images/another") if "manifest" not in n
    )
    assert len(ImageStore(disk, "another").open().ids) == 10


@pytest.mark.parametrize("failed_at", [0, 1, 2])
def test_a_second_run_is_asked_for_the_missing_rows_only(storage: Storage, failed_at: int) -> None:
    first, second = Rows(fail_after=failed_at), Rows()
    with pytest.raises(RuntimeError, match="out of memory"):
        ImageStore(storage, "b").write(first.pictures())
    assert ImageStore(storage, "b").settled() == set(IDS[: 4 * failed_at])
    ImageStore(storage, "b").write(second.pictures())
    assert [*first.computed, *second.computed] == list(IDS)
    (found,) = ImageStore(storage, "b").open().stream()
    assert np.array_equal(found.data, np.stack([picture(id) for id in GOOD]))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: None, "cannot read"),
        (lambda data: data[:100], "cannot be decoded"),
        (lambda data: b"", "cannot be decoded"),
        (lambda data: b"<svg/>", "cannot be decoded"),
        (lambda data: encode_png(picture("r77")), "has changed"),
        (lambda data: encode_png(np.zeros((2000, 1000, 3), np.uint8)), "has changed"),
    ],
)
def test_a_damaged_picture_stays_alone(storage: Storage, damage, said: str) -> None:
    ImageStore(storage, "b").write(Rows().pictures())
    path = ImageStore(storage, "b").open().index.set_index("recipe_id").loc["r05", "path"]
    damaged = damage(storage.read(path))
    storage.delete(path)
    if damaged is not None:
        storage.write_once(path, damaged)
    (found,) = ImageStore(storage, "b").open().stream()
    assert found.ids == tuple(id for id in GOOD if id != "r05")
    assert len(found.data) == len(found.ids)
    assert said in found.failures["r05"]
    assert set(found.failures) == {POISON, "r05"}


def test_a_picture_is_durable_before_the_index_names_it(disk: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    write_once = Storage.write_once

    def fail_for_one(self: Storage, rel: str, data: bytes) -> bool:
        if rel.endswith(f"{pixel_sha256(picture('r06'))}.png"):
            raise StorageError("no space", remedy="free some")
        return write_once(self, rel, data)

    monkeypatch.setattr(Storage, "write_once", fail_for_one)
    with pytest.raises(StorageError, match="no space"):
        ImageStore(disk, "b").write(Rows().pictures())
    assert ImageStore(disk, "b").settled() == set(IDS[:4])


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 8, 8, 4), (2, 8, 8, 3)])
def test_what_is_no_picture_is_refused(disk: Storage, shape: tuple[int, ...]) -> None:
    with pytest.raises(GenartError, match="images are uint8"):
        ImageStore(disk, "b").write(RowStream(("a",), lambda _: iter([MicroBatch(("a",), np.zeros(shape, np.uint8))])))
    floats = np.zeros((1, 8, 8, 3), np.float32)
    with pytest.raises(GenartError, match="images are uint8"):
        ImageStore(disk, "b").write(RowStream(("a",), lambda _: iter([MicroBatch(("a",), floats)])))  # type: ignore[arg-type]


def test_a_batch_has_one_size(disk: Storage) -> None:
    def compute(missing: Sequence[str]) -> Iterator[MicroBatch[Pictures]]:
        yield MicroBatch(("a",), np.zeros((1, 8, 8, 3), np.uint8))
        yield MicroBatch(("b",), np.zeros((1, 8, 16, 3), np.uint8))

    with pytest.raises(StorageError, match=r"'width': 16.*'width': 8"):
        ImageStore(disk, "b").write(RowStream(("a", "b"), compute))


def test_only_files_of_the_batch_and_pixels_are_made(disk: Storage) -> None:
    ImageStore(disk, "b").write(Rows().pictures())
    assert sorted(os.listdir(disk.root)) == [".locks", "assets", "pixels"]
    assert len(disk.names("assets/images/b")) == 4


def test_a_batch_of_failures_is_stored(disk: Storage) -> None:
    stream = RowStream(("a",), lambda _: iter([MicroBatch((), np.zeros((0, 0, 0, 3), np.uint8), {"a": "poison"})]))
    ImageStore(disk, "b").write(stream)
    stored = ImageStore(disk, "b").open()
    assert (stored.ids, len(stored.index)) == ((), 0)
    (found,) = stored.stream()
    assert (found.ids, found.data.shape, found.failures) == ((), (0, 0, 0, 3), {"a": "poison"})
