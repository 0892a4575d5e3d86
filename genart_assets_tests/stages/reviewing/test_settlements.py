"""Decisions are taken in once; the last word holds; what a later word takes back is withdrawn."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from genart_assets.errors import StorageError
from genart_assets.models.schedules import schedule_of
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.brief import Brief
from genart_assets.records.decision import Decision
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.planning.catalogue import accept
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.planning.plan import plan_batch
from genart_assets.stages.planning.rounds import retries_of
from genart_assets.stages.retrying.next_round import plan_round
from genart_assets.stages.reviewing.attempts import OrderAttempts
from genart_assets.stages.reviewing.decisions import append, read_log
from genart_assets.stages.reviewing.settlements import (
    Settlement,
    is_due,
    open_decisions,
    settle,
    settlements_of,
    standing_accepts,
)
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets_tests.stages.planning.test_rounds import TEXT, store_verdicts

NO_RETRY = TEXT.partition("retry:")[0]
SECONDS = count()


class Ordered:
    """An order of six slots in two batches, all of which failed."""

    def __init__(self, storage: Storage, text: str = NO_RETRY) -> None:
        self.storage = storage
        self.brief: Brief = read_brief(text, source="brief.yaml", known=installed())
        batches = accept(storage, self.brief, text, take_snapshot("starter").snapshot_id, 3)
        for batch in batches:
            plan = plan_batch(self.brief, batch, schedule_of("starter", self.brief.sampler))
            store_verdicts(storage, batch, plan, set(range(6)))
        self.batches = batches
        self.book = OrderBook.open(storage, batches[0].order)
        self.order = self.book.order
        tables = [TableStore(storage, "verdicts", batch.key).read() for batch in batches]
        self.ids = [recipe_id for table in tables for recipe_id in table["recipe_id"]]

    def say(self, slot: int, action: str, reviewer: str = "ada", **fields: Any) -> Decision:
        second = next(SECONDS)
        decision = Decision(
            id=f"{second:032x}",
            order=self.order.key,
            recipe_id=self.ids[slot],
            action=action,
            reviewer=reviewer,
            time=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second),
            **fields,
        )
        append(self.storage, decision)
        return decision

    def settle(self, number: int):
        attempts = OrderAttempts(self.book)
        attempts.refresh()
        return settle(attempts, number)

    @property
    def open(self) -> list[Decision]:
        return open_decisions(self.settlements, read_log(self.storage, self.order.key).decisions)

    @property
    def settlements(self) -> list[Settlement]:
        return settlements_of(self.storage, self.order.key)


@pytest.fixture
def order(tmp_path) -> Ordered:
    return Ordered(Storage.open(str(tmp_path)))


def test_nothing_is_due_before_somebody_decides(order: Ordered) -> None:
    assert not is_due(order.book)
    order.say(0, "accept")
    assert is_due(order.book)
    order.settle(0)
    assert not is_due(order.book)


def test_the_last_word_about_a_slot_holds(order: Ordered) -> None:
    order.say(0, "reject")
    order.say(0, "accept", "bob")
    order.say(1, "accept")
    order.say(1, "reject", "bob")
    order.say(2, "score", score=4)
    made = order.settle(0)
    assert [(image.slot_index, image.reviewer, image.batch) for image in made.accepted] == [
        (0, "bob", order.batches[0].key)
    ]
    assert [image.slot_index for image in made.rejected] == [1]
    assert (len(made.decisions), made.redo_round) == (5, None)
    assert order.open == []


def test_a_settlement_never_changes(order: Ordered) -> None:
    order.say(0, "accept")
    first = order.settle(0)
    order.say(1, "accept")
    assert order.settle(0) == first
    second = order.settle(1)
    assert [image.slot_index for image in second.accepted] == [1], "the first one stands already"
    assert {image.slot_index for image in standing_accepts(order.settlements).values()} == {0, 1}


def test_what_a_later_word_takes_back_is_withdrawn(order: Ordered) -> None:
    word = order.say(0, "accept")
    order.settle(0)
    order.say(0, "undo", undoes=word.id)
    made = order.settle(1)
    assert [image.slot_index for image in made.withdrawn] == [0]
    assert standing_accepts(order.settlements) == {}


def test_what_is_sent_back_becomes_a_round_of_its_own(order: Ordered) -> None:
    wish = settings_of(order.brief).model_copy(update={"guidance": 7.5})
    order.say(4, "redo", settings=wish)
    made = order.settle(0)
    assert made.redo_round == order.book.last_round == 1
    (batch,) = plan_round(order.book, 1)
    (retry,) = retries_of(order.storage, batch)
    assert (retry.slot_index, retry.settings, retry.origin.move) == (4, wish, "redo")
    assert retry.origin.parent == order.ids[4]
    order.say(0, "accept")
    assert not is_due(order.book), "the round has no verdicts yet"


def test_a_round_that_was_cut_off_after_its_settlement_is_planned_again(order: Ordered) -> None:
    order.say(4, "redo", settings=settings_of(order.brief))
    order.settle(0)
    for file in order.storage.path("rounds").iterdir():
        file.unlink()
    order.settle(0)
    assert order.book.last_round == 1


def test_decisions_wait_while_a_retry_round_is_due(tmp_path) -> None:
    order = Ordered(Storage.open(str(tmp_path)), TEXT)
    order.say(0, "accept")
    assert not order.book.has_ended()
    assert not is_due(order.book)


def test_a_damaged_settlement_is_named(order: Ordered) -> None:
    order.say(0, "accept")
    order.settle(0)
    (file,) = order.storage.path("settlements").iterdir()
    file.write_text("{}")
    with pytest.raises(StorageError, match=r"settlements/.*\.v0\.json is damaged"):
        settlements_of(order.storage, order.order.key)
