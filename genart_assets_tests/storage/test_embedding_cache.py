from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from genart_assets.errors import StorageError
from genart_assets.storage import embedding_cache
from genart_assets.storage.coarse import coarse_of
from genart_assets.storage.embedding_cache import EmbeddingCache, Embeddings
from genart_assets.storage.embedding_log import EmbeddingLog
from genart_assets.storage.root import Storage
from genart_assets_tests.storage.embedded import Clusters, segment

WIDE = Clusters(160, 0.5).draw(100)
KILLED = """
import os, signal, sys
from genart_assets.storage.embedding_cache import EmbeddingCache
from genart_assets.storage.embedding_log import EmbeddingLog
from genart_assets.storage.root import Storage
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
EmbeddingCache(EmbeddingLog(Storage.open(sys.argv[1]), "clip")).refresh()
"""


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "temporary"))


@pytest.fixture
def _small_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_cache, "COARSE_FROM", 20)


def fill(root: str, first: int, last: int, rows: int = 10) -> EmbeddingLog:
    """Segments ``first`` to ``last - 1`` of ``rows`` rows each."""
    log = EmbeddingLog(Storage.open(root), "clip")
    for k in range(first, last):
        assert log.append(k, segment(f"b{k}", WIDE[rows * k : rows * (k + 1)], rows * k))
    return log


def assert_whole(found: Embeddings, segments: int, rows: int = 10) -> None:
    assert list(found.batches) == [f"b{k}" for k in range(segments)]
    assert found.starts.tolist() == list(range(0, rows * segments + 1, rows))
    assert np.array_equal(found.vectors, WIDE[: rows * segments].reshape(len(found.vectors), -1))
    assert [id.decode() for id in found.ids] == [f"{k:064x}" for k in range(rows * segments)]
    assert found.slots.tolist() == list(range(rows * segments))
    if found.basis is not None:
        assert np.allclose(found.coarse, coarse_of(found.vectors, found.basis), atol=1e-6)


@pytest.mark.usefixtures("_small_forms")
def test_it_follows_the_log_across_objects(root: str) -> None:
    log = fill(root, 0, 0)
    assert len(EmbeddingCache(log).refresh().vectors) == 0
    forms = []
    for count in range(1, 10):
        fill(root, count - 1, count)
        found = EmbeddingCache(EmbeddingLog(Storage.open(root), "clip")).refresh()
        assert_whole(found, count)
        forms.append(0 if found.basis is None else found.basis.tobytes())
    assert forms[0] == 0
    assert len(set(forms)) == 3, "none, fitted to 20 rows, and anew to 80"
    assert forms[1] == forms[6] != forms[7] == forms[8]


@pytest.mark.usefixtures("_small_forms")
def test_what_was_opened_stays_as_it_was(disk: Storage) -> None:
    cache = EmbeddingCache(fill(disk.root, 0, 2))
    before = cache.refresh()
    fill(disk.root, 2, 9)
    assert_whole(cache.refresh(), 9)
    disk.replace(".cache/embedding_index/clip/state.json", b"{}")
    cache.refresh()
    assert_whole(before, 2)


def test_only_new_segments_are_read(disk: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = EmbeddingCache(fill(disk.root, 0, 5))
    cache.refresh()
    fill(disk.root, 5, 6)
    read, asked = EmbeddingLog.read, []
    monkeypatch.setattr(EmbeddingLog, "read", lambda log, number: asked.append(number) or read(log, number))
    assert_whole(cache.refresh(), 6)
    assert asked == [4, 5], "the last that it knows, to see that it is the same log, and the new one"


@pytest.mark.usefixtures("_small_forms")
def test_a_killed_copy_is_made_anew(disk: Storage) -> None:
    log = fill(disk.root, 0, 3)
    EmbeddingCache(log).refresh()
    fill(disk.root, 3, 6)
    killed = subprocess.run([sys.executable, "-c", KILLED, disk.root], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    folder = Path(disk.root) / ".cache/embedding_index/clip"
    assert os.path.getsize(folder / "vectors.f32") == 60 * 160 * 4, "it died after it copied"
    fill(disk.root, 6, 7)
    assert_whole(EmbeddingCache(log).refresh(), 7)


@pytest.mark.parametrize("damage", ["", "not json", '{"version":2}'])
def test_a_damaged_state_is_made_anew(disk: Storage, damage: str) -> None:
    cache = EmbeddingCache(fill(disk.root, 0, 3))
    cache.refresh()
    (Path(disk.root) / ".cache/embedding_index/clip/state.json").write_text(damage)
    assert_whole(cache.refresh(), 3)


def test_another_log_at_the_same_place_is_noticed(root: str) -> None:
    cache = EmbeddingCache(fill(root, 0, 3))
    cache.refresh()
    storage = Storage.open(root)
    for k in range(3):
        storage.delete(f"embedding_index/clip/{k:08d}.safetensors")
    fill(root, 0, 5, rows=20)
    assert_whole(cache.refresh(), 5, rows=20)


def test_segments_of_another_width_are_refused(disk: Storage) -> None:
    log = fill(disk.root, 0, 2)
    log.append(2, segment("b2", WIDE[:0]))
    log.append(3, segment("b3", Clusters(8, 0.5).draw(2)))
    with pytest.raises(StorageError, match=r"batch b3 in embedding_index/clip are 8 wide, others 160"):
        EmbeddingCache(log).refresh()
