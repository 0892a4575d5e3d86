"""A run's part in a batch is kept when its micro-batches end, or break off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from genart_assets.errors import StorageError
from genart_assets.provenance import rendering
from genart_assets.provenance.rendering import record_rendering, renderings_of
from genart_assets.records.streams import MicroBatch
from genart_assets.storage.root import Storage

BATCH = "fruit.0123456789.r0.0000"


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage.open(str(tmp_path))


def run(storage: Storage, run_id: str, *rows: tuple[str, ...], breaks: bool = False) -> None:
    def micro_batches() -> Iterator[MicroBatch[str]]:
        for ids in rows:
            yield MicroBatch(ids=ids[:-1], data="", failures={ids[-1]: "NaN"})
        if breaks:
            raise RuntimeError("the device is gone")

    told = record_rendering(
        storage, micro_batches(), batch=BATCH, run_id=run_id, environment="e" * 64, micro_batch_rows=2
    )
    assert [micro_batch.settled for micro_batch in told] == list(rows)


def test_every_row_knows_its_run(storage: Storage) -> None:
    run(storage, "first", ("a", "b"), ("c", "d"))
    run(storage, "second", ("e", "f"))
    assert {id: made.run_id for id, made in renderings_of(storage, BATCH).items()} == {
        **dict.fromkeys("abcd", "first"),
        **dict.fromkeys("ef", "second"),
    }


def test_a_run_that_broke_off_is_kept_and_the_one_that_rendered_a_row_again_counts(storage: Storage) -> None:
    with pytest.raises(RuntimeError):
        run(storage, "first", ("a", "b"), ("c", "d"), breaks=True)
    run(storage, "second", ("c", "d"))
    found = renderings_of(storage, BATCH)
    assert (found["a"].run_id, found["c"].run_id) == ("first", "second")


@pytest.mark.parametrize("back", [timedelta(0), timedelta(days=4000)])
def test_the_later_run_counts_though_the_clock_was_set_back(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, back: timedelta
) -> None:
    class Clock(datetime):
        moments = iter(datetime(2026, 5, 17, tzinfo=UTC) - back * step for step in range(3))

        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return next(cls.moments)

    monkeypatch.setattr(rendering, "datetime", Clock)
    for run_id in ("first", "second", "third"):
        run(storage, run_id, ("a", "b"))
    (made,) = set(renderings_of(storage, BATCH).values())
    assert (made.run_id, made.began) == ("third", datetime(2026, 5, 17, tzinfo=UTC) - 2 * back)


def test_a_run_with_nothing_to_do_leaves_nothing(storage: Storage) -> None:
    run(storage, "idle")
    assert renderings_of(storage, BATCH) == {}


def test_a_damaged_file_is_named(storage: Storage) -> None:
    storage.write_once(f"renderings/{BATCH}/20260101T000000Z-x.json", b"{}")
    with pytest.raises(StorageError, match=r"renderings/.*-x\.json is damaged"):
        renderings_of(storage, BATCH)
