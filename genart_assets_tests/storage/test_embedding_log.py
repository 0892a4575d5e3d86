from __future__ import annotations

import numpy as np
import pytest

from genart_assets.errors import GenartError, StorageError
from genart_assets.storage.embedding_log import EmbeddingLog, Segment
from genart_assets.storage.root import Storage
from genart_assets_tests.storage.embedded import Clusters, segment

VECTORS = Clusters(8, 0.5).draw(5)


def test_segments_come_back_in_order_from_another_process_s_view(root: str) -> None:
    log = EmbeddingLog(Storage.open(root), "clip")
    assert log.count() == 0
    for k in range(20):
        assert log.append(k, segment(f"b{k}", VECTORS, 5 * k))
    again = EmbeddingLog(Storage.open(root), "clip")
    assert again.count() == 20
    assert [found.batch for found in again.stream(0, 20)] == [f"b{k}" for k in range(20)]
    found = again.read(3)
    assert found.ids == segment("b3", VECTORS, 15).ids
    assert found.slots.tolist() == list(range(15, 20))
    assert np.array_equal(found.vectors, VECTORS)
    assert EmbeddingLog(Storage.open(root), "another").count() == 0


def test_a_number_is_taken_once(storage: Storage) -> None:
    log = EmbeddingLog(storage, "clip")
    assert log.append(0, segment("first", VECTORS))
    assert not log.append(0, segment("second", VECTORS))
    assert log.read(0).batch == "first"
    assert log.append(1, segment("second", VECTORS[:0]))
    assert log.read(1).ids == ()


def test_a_missing_segment_is_named(disk: Storage) -> None:
    log = EmbeddingLog(disk, "clip")
    for k in range(3):
        log.append(k, segment(f"b{k}", VECTORS))
    disk.delete("embedding_index/clip/00000001.safetensors")
    with pytest.raises(StorageError, match=r"clip/00000001.safetensors is missing"):
        log.count()


def test_a_damaged_segment_is_named(disk: Storage) -> None:
    log = EmbeddingLog(disk, "clip")
    log.append(0, segment("b0", VECTORS))
    place = "embedding_index/clip/00000000.safetensors"
    disk.replace(place, disk.read(place)[:-7])
    with pytest.raises(StorageError, match=r"00000000.safetensors is damaged"):
        log.read(0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Segment("b", ("a",), np.zeros(1, np.int64), np.full((1, 8), np.nan, np.float32)), "not finite"),
        (Segment("b", ("a", "b"), np.zeros(1, np.int64), VECTORS[:2]), "2 ids, 1 slots and 2 embeddings"),
        (Segment("b", ("a" * 65,), np.zeros(1, np.int64), VECTORS[:1]), "more than 64 bytes"),
    ],
)
def test_what_is_no_segment_is_refused(disk: Storage, wrong: Segment, said: str) -> None:
    log = EmbeddingLog(disk, "clip")
    with pytest.raises(GenartError, match=said):
        log.append(0, wrong)
    assert log.count() == 0
