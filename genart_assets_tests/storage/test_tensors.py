from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence

import pytest
import torch

from genart_assets.errors import BatchBusyError, GenartError, StorageError
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.storage.handoff import Handoff, handoff
from genart_assets.storage.root import Storage
from genart_assets.storage.tensors import TensorStore
from genart_assets_tests.storage.rows import IDS, POISON, Rows, number

GOOD = tuple(id for id in IDS if id != POISON)


@pytest.fixture(autouse=True)
def _empty_handoff() -> None:
    handoff.clear()


def store_of(storage: Storage) -> TensorStore:
    return TensorStore(storage, "latents", "b")


def as_numbers(micro_batch: MicroBatch[dict[str, torch.Tensor]]) -> list[float]:
    assert micro_batch.data["half"][:, 0].tolist() == micro_batch.data["latents"][:, 0, 0].tolist()
    return micro_batch.data["latents"][:, 1, 2].tolist()


def test_rows_come_back_bit_by_bit(storage: Storage) -> None:
    written = store_of(storage).write(Rows().tensors())
    handoff.clear()
    stored = store_of(storage).open()
    assert (written.rows, written.new_rows, written.failures) == (10, 10, {POISON: "not finite"})
    assert written.bytes > 0
    assert stored.ids == GOOD
    assert stored.failures == {POISON: "not finite"}
    found = list(stored.stream(rows=4))
    assert [micro_batch.ids for micro_batch in found] == [GOOD[:4], GOOD[4:8], GOOD[8:]]
    assert [n for micro_batch in found for n in as_numbers(micro_batch)] == [number(id) for id in GOOD]
    assert {id: why for micro_batch in found for id, why in micro_batch.failures.items()} == stored.failures
    assert found[0].data["half"].dtype == torch.bfloat16
    assert found[0].data["latents"].dtype == torch.float32


def test_rows_come_in_the_order_asked_for(disk: Storage) -> None:
    store_of(disk).write(Rows().tensors())
    ids = ["r09", "r00", POISON, "r05"]
    (found,) = store_of(disk).open().stream(ids)
    assert found.ids == ("r09", "r00", "r05")
    assert as_numbers(found) == [9, 0, 5]
    assert found.failures == {POISON: "not finite"}
    assert store_of(disk).open().take(["r07", "r01"])["latents"][:, 0, 0].tolist() == [7, 1]


def test_a_failed_or_unknown_row_has_no_tensors(disk: Storage) -> None:
    store_of(disk).write(Rows().tensors())
    with pytest.raises(StorageError, match="not finite"):
        store_of(disk).open().take([POISON])
    with pytest.raises(StorageError, match="has no row r99"):
        list(store_of(disk).open().stream(["r99"]))


@pytest.mark.parametrize("failed_at", [0, 1, 2])
def test_a_second_run_is_asked_for_the_missing_rows_only(storage: Storage, failed_at: int) -> None:
    first, second, heard = Rows(fail_after=failed_at), Rows(), []
    with pytest.raises(RuntimeError, match="out of memory"):
        store_of(storage).write(first.tensors())
    assert store_of(storage).settled() == set(IDS[: 4 * failed_at])
    with pytest.raises(StorageError, match="materialise asset latents for batch b first"):
        store_of(storage).open()
    written = store_of(storage).write(second.tensors(), lambda done, total: heard.append((done, total)))
    assert [*first.computed, *second.computed] == list(IDS)
    assert written.new_rows == len(second.computed)
    assert heard[0] == (4 * failed_at, 10)
    assert heard[-1] == (10, 10)
    handoff.clear()
    assert store_of(storage).open().take(GOOD)["latents"][:, 0, 0].tolist() == [number(id) for id in GOOD]


def test_a_sealed_asset_is_computed_no_more(disk: Storage) -> None:
    store_of(disk).write(Rows().tensors())
    files = {name: disk.read(f"assets/latents/b/{name}") for name in disk.names("assets/latents/b")}
    again = Rows()
    written = store_of(disk).write(again.tensors())
    assert (again.computed, written.new_rows, written.bytes) == ([], 0, 0)
    with pytest.raises(StorageError, match="nothing is overwritten"):
        store_of(disk).write(Rows(ids=(*IDS, "r77")).tensors())
    assert {name: disk.read(f"assets/latents/b/{name}") for name in disk.names("assets/latents/b")} == files


def test_two_runs_give_the_same_files(disk: Storage, tmp_path) -> None:
    other = Storage.open(str(tmp_path / "other"))
    for storage in (disk, other):
        store_of(storage).write(Rows().tensors())
    assert disk.names("assets/latents/b") == other.names("assets/latents/b")
    for name in disk.names("assets/latents/b"):
        assert disk.read(f"assets/latents/b/{name}") == other.read(f"assets/latents/b/{name}")


def test_the_next_reader_of_this_process_reads_no_shard(disk: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    store_of(disk).write(Rows().tensors())
    read: list[str] = []
    original = Storage.read
    monkeypatch.setattr(Storage, "read", lambda self, rel: (read.append(rel), original(self, rel))[1])
    assert [n for found in store_of(disk).open().stream() for n in as_numbers(found)] == [number(id) for id in GOOD]
    assert read == ["assets/latents/b/manifest.json"]
    handoff.clear()
    assert [n for found in store_of(disk).open().stream() for n in as_numbers(found)] == [number(id) for id in GOOD]
    assert len([name for name in read if name.endswith(".safetensors")]) == 3


def test_a_stage_may_reuse_its_tensor(disk: Storage) -> None:
    buffer = torch.zeros(4, 2)

    def compute(missing: Sequence[str]) -> Iterator[MicroBatch[Mapping[str, torch.Tensor]]]:
        for id in missing:
            buffer.fill_(number(id))
            yield MicroBatch((id,), {"x": buffer.T[:1]})

    store_of(disk).write(RowStream(IDS, compute))
    for clear in (lambda: None, handoff.clear):
        clear()
        assert store_of(disk).open().take(IDS)["x"][:, 3].tolist() == [number(id) for id in IDS]


def test_a_reader_may_write_to_what_it_got(disk: Storage) -> None:
    store_of(disk).write(Rows().tensors())
    for found in store_of(disk).open().stream(GOOD[:3], rows=3):
        found.data["latents"].fill_(-1)
    assert store_of(disk).open().take(GOOD[:1])["latents"][0, 0, 0] == number(GOOD[0])


def test_rows_of_another_shape_or_dtype_are_refused(disk: Storage) -> None:
    def compute(missing: Sequence[str]) -> Iterator[MicroBatch[Mapping[str, torch.Tensor]]]:
        yield MicroBatch(("a",), {"x": torch.zeros(1, 2)})
        yield MicroBatch(("b",), {"x": torch.zeros(1, 2, dtype=torch.float64)})

    with pytest.raises(StorageError, match=r"float64.*float32"):
        store_of(disk).write(RowStream(("a", "b"), compute))
    assert store_of(disk).settled() == {"a"}


def test_a_shard_that_does_not_fit_its_manifest_is_named(disk: Storage) -> None:
    store_of(disk).write(Rows().tensors())
    handoff.clear()
    manifest = disk.read("assets/latents/b/manifest.json")
    assert b'"dtype":"float32"' in manifest
    disk.replace("assets/latents/b/manifest.json", manifest.replace(b'"dtype":"float32"', b'"dtype":"float16"'))
    with pytest.raises(StorageError, match=r"holds .*float32.*, its manifest says .*float16"):
        list(store_of(disk).open().stream())


def test_a_damaged_shard_is_named(disk: Storage) -> None:
    store_of(disk).write(Rows().tensors())
    handoff.clear()
    name = disk.names("assets/latents/b")[0]
    data = bytearray(disk.read(f"assets/latents/b/{name}"))
    data[-1] ^= 1
    disk.replace(f"assets/latents/b/{name}", bytes(data))
    with pytest.raises(StorageError, match=f"{name} is damaged"):
        store_of(disk).open().take(GOOD)


@pytest.mark.parametrize(
    ("micro_batches", "said"),
    [
        ([(("a",), 1)], "lacks 1 of 2 rows: b"),
        ([(("a",), 1), (("a", "b"), 2)], "row a twice or unasked"),
        ([(("a", "b", "c"), 3)], "row c twice or unasked"),
        ([(("a", "b"), 3)], r"shape \[3, 2\], but there are 2 rows"),
    ],
)
def test_a_stage_that_does_not_yield_what_it_was_asked_for(disk: Storage, micro_batches, said: str) -> None:
    stream = RowStream(("a", "b"), lambda _: (MicroBatch(ids, {"x": torch.zeros(n, 2)}) for ids, n in micro_batches))
    with pytest.raises(GenartError, match=said):
        store_of(disk).write(stream)
    assert not store_of(disk).sealed()


def test_a_batch_of_failures_is_stored(disk: Storage) -> None:
    stream = RowStream(("a",), lambda _: iter([MicroBatch((), {}, {"a": "poison"})]))
    store_of(disk).write(stream)
    assert store_of(disk).open().ids == ()
    (found,) = store_of(disk).open().stream()
    assert (found.ids, found.failures) == ((), {"a": "poison"})


def test_two_writers_of_an_asset_are_kept_apart(disk: Storage) -> None:
    refused: list[bool] = []

    def intrude() -> None:
        with pytest.raises(BatchBusyError):
            store_of(disk).write(Rows().tensors())
        refused.append(True)

    def compute(missing: Sequence[str]) -> Iterator[MicroBatch[Mapping[str, torch.Tensor]]]:
        intruder = threading.Thread(target=intrude)
        intruder.start()
        intruder.join()
        yield from Rows().tensors().compute(missing)

    store_of(disk).write(RowStream(IDS, compute))
    assert refused == [True]


def test_a_failed_disk_stops_the_stage(disk: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Rows(ids=tuple(f"r{i:03d}" for i in range(100, 200)))

    def fail(self: Storage, rel: str, data: bytes) -> bool:
        raise StorageError("no space", remedy="free some")

    monkeypatch.setattr(Storage, "write_once", fail)
    with pytest.raises(StorageError, match="no space"):
        store_of(disk).write(rows.tensors())
    assert len(rows.computed) < 40


def test_memory_is_bounded_by_the_micro_batch(disk: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 64 micro-batches a handful are alive at any time, on the way in and on the way out."""
    monkeypatch.setattr("genart_assets.storage.tensors.handoff", Handoff(budget=0))
    ids = tuple(f"r{i}" for i in range(256))
    made: list[weakref.ref[torch.Tensor]] = []
    most = 0

    def note(tensor: torch.Tensor) -> None:
        nonlocal most
        made.append(weakref.ref(tensor))
        most = max(most, sum(ref() is not None for ref in made))

    def compute(missing: Sequence[str]) -> Iterator[MicroBatch[Mapping[str, torch.Tensor]]]:
        for start in range(0, len(missing), 4):
            tensor = torch.ones(4, 1024)
            note(tensor)
            yield MicroBatch(tuple(missing[start : start + 4]), {"x": tensor})

    store = TensorStore(disk, "latents", "large")
    store.write(RowStream(ids, compute))
    assert len(made) == 64
    assert most <= 8
    made.clear()
    most = 0
    for found in store.open().stream(rows=4):
        note(found.data["x"])
    assert len(made) == 64
    assert most <= 8
