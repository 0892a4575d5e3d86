"""Writers die by SIGKILL at every interesting moment; what was announced is there, and the rest is computed once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from genart_assets.storage.images import ImageStore
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets_tests.storage.rows import IDS, POISON, Rows, assert_same_lines, picture, scores

GOOD = [id for id in IDS if id != POISON]
MOMENTS = [("compute", 1), ("sync", 3), ("sync", 20), ("name", 2), ("name", 6), ("announced", 1), ("announced", 3)]


def killed_writer(root: str, log: Path, store: str, moment: str, count: int) -> int:
    """The number of rows that the killed writer announced."""
    command = [
        sys.executable,
        "-m",
        "genart_assets_tests.storage.writer_process",
        root,
        str(log),
        store,
        moment,
        str(count),
    ]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    announced = log.read_text().split() if log.exists() else []
    return int(announced[-1]) if announced else 0


@pytest.mark.parametrize(("moment", "count"), MOMENTS)
def test_pictures(disk: Storage, tmp_path: Path, moment: str, count: int) -> None:
    announced = killed_writer(disk.root, tmp_path / "log", "images", moment, count)
    settled = ImageStore(disk, "b").settled()
    assert len(settled) >= announced
    second = Rows()
    ImageStore(disk, "b").write(second.pictures())
    assert set(second.computed) == set(IDS) - settled
    (found,) = ImageStore(disk, "b").open().stream()
    assert np.array_equal(found.data, np.stack([picture(id) for id in GOOD]))
    assert len(list(disk.path("pixels").rglob("*.png"))) == len(GOOD)


@pytest.mark.parametrize(("moment", "count"), [("compute", 1), ("name", 1), ("announced", 2)])
def test_tables(disk: Storage, tmp_path: Path, moment: str, count: int) -> None:
    announced = killed_writer(disk.root, tmp_path / "log", "scores", moment, count)
    store = TableStore(disk, "critic_scores", "b")
    settled = store.settled()
    assert len(settled) >= announced
    second = Rows()
    store.write(second.tables())
    assert set(second.computed) == set(IDS) - settled
    assert_same_lines(store.read(), scores(GOOD))


def test_in_s3(moto_root: str, tmp_path: Path) -> None:
    announced = killed_writer(moto_root, tmp_path / "log", "images", "announced", 1)
    assert announced == 4
    second = Rows()
    storage = Storage.open(moto_root)
    ImageStore(storage, "b").write(second.pictures())
    assert set(second.computed) <= set(IDS[4:])
    (found,) = ImageStore(storage, "b").open().stream()
    assert np.array_equal(found.data, np.stack([picture(id) for id in GOOD]))
