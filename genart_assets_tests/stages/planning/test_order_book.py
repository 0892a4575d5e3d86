"""The book of an order: opened by its key or a batch's, its brief read once, its rounds looked up as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from genart_assets.errors import InputError
from genart_assets.records.plan import Origin
from genart_assets.records.retry import RetryPlan, SlotRetry
from genart_assets.records.studio import UNBOUND, StudioLatitudes
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.planning.catalogue import accept
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.planning.order_book import OrderBook, batch_of
from genart_assets.storage.local_files import LocalFiles
from genart_assets.storage.root import Storage

TEXT = "brief: market\nprompt: icon of {subject}\nvary: {subject: [pear, fig, plum]}\n"


class CountedFiles(LocalFiles):
    """Writes down what is read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.reads: list[str] = []

    def read(self, rel: str) -> bytes:
        self.reads.append(rel)
        return super().read(rel)


@pytest.fixture
def files(tmp_path: Path) -> CountedFiles:
    return CountedFiles(tmp_path)


@pytest.fixture
def storage(files: CountedFiles) -> Storage:
    return Storage(files)


def ordered(storage: Storage, studio: StudioLatitudes = UNBOUND) -> str:
    brief = read_brief(TEXT, source="brief.yaml", known=installed())
    return accept(storage, brief, TEXT, "5" * 64, 2, studio)[0].order


def retry_of(book: OrderBook, slot: int) -> SlotRetry:
    origin = Origin(parent="0" * 64, move="new_seed", reason="contrast 1 below 2")
    return SlotRetry(slot_index=slot, settings=settings_of(book.brief), origin=origin)


def test_a_book_is_opened_by_an_order_a_batch_or_a_brief(storage: Storage) -> None:
    key = ordered(storage)
    book = OrderBook.open(storage, key)
    assert (book.key, book.brief.brief) == (key, "market")
    assert OrderBook.of_batch(storage, f"{key}.r0.0001") == book
    assert OrderBook.of_brief(storage, "market") == [book]
    assert OrderBook.of_brief(storage, "mark") == []
    for wrong in ("market", "market.0123456789.r0", f"{key}.r0.1"):
        with pytest.raises(InputError, match="is not a batch key"):
            OrderBook.of_batch(storage, wrong)
    with pytest.raises(InputError, match=r"no brief was accepted for batch market\.0123456789\.r0\.0000"):
        OrderBook.of_batch(storage, "market.0123456789.r0.0000")


def test_the_brief_is_read_once_and_the_rounds_are_looked_up(storage: Storage, files: CountedFiles) -> None:
    book = OrderBook.open(storage, ordered(storage, StudioLatitudes(guidance=(1, 9))))
    files.reads.clear()
    assert [batch.rows for batch in book.batches(0)] == [2, 1]
    assert (book.last_round, book.planned_rows(1), book.batches(1), book.is_judged(0)) == (0, 0, [], False)
    assert {book.studio.guidance for _ in range(2)} == {(1, 9)}
    book.store_round(1, RetryPlan(retries=[retry_of(book, 2)]))
    assert (book.last_round, book.planned_rows(1)) == (1, 1)
    assert [batch.key[-7:] for batch in book.all_batches()] == ["r0.0000", "r0.0001", "r1.0000"]
    assert [retry.slot_index for retry in book.retries(1)] == [2]
    assert not [path for path in files.reads if path.startswith("orders/")]
    assert [path for path in files.reads if path.startswith("briefs/")] == [
        f"briefs/market/{book.brief.brief_hash}.studio.json"
    ]


def test_a_batch_is_known_by_its_key(storage: Storage) -> None:
    book = OrderBook.open(storage, ordered(storage))
    last = book.batches(0)[-1]
    assert book.batch(last.key) == batch_of(storage, last.key) == last
    for wrong in (f"{book.key}.r0.0002", f"{book.key}.r1.0000", last.key.replace("market", "fair"), "market"):
        with pytest.raises(InputError, match="has no batch"):
            book.batch(wrong)
