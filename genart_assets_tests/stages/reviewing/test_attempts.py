"""Which slots are judged and ended, as batches are sealed and rounds are planned."""

from __future__ import annotations

import pytest

from genart_assets.models.schedules import schedule_of
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Batch
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.planning.catalogue import accept
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.planning.plan import plan_batch, plan_retry_batch
from genart_assets.stages.planning.rounds import retries_of
from genart_assets.stages.retrying.next_round import plan_round
from genart_assets.stages.reviewing.attempts import OrderAttempts
from genart_assets.storage.root import Storage
from genart_assets_tests.stages.planning.test_rounds import TEXT, store_verdicts


@pytest.fixture
def storage(tmp_path) -> Storage:
    return Storage.open(str(tmp_path))


@pytest.fixture
def brief() -> Brief:
    return read_brief(TEXT, source="brief.yaml", known=installed())


@pytest.fixture
def batches(storage: Storage, brief: Brief) -> list[Batch]:
    """Three batches of two slots, none of them judged."""
    return accept(storage, brief, TEXT, take_snapshot("starter").snapshot_id, 2)


def attempts_of(storage: Storage, batch: Batch) -> OrderAttempts:
    return OrderAttempts(OrderBook.open(storage, batch.order))


def judge(storage: Storage, brief: Brief, batch: Batch, failing: set[int]) -> None:
    schedule = schedule_of("starter", brief.sampler)
    if batch.round:
        plan = plan_retry_batch(brief, batch, retries_of(storage, batch), lambda _: schedule)
    else:
        plan = plan_batch(brief, batch, schedule)
    store_verdicts(storage, batch, plan, failing)


def ended(attempts: OrderAttempts) -> dict[int, bool]:
    return {slot: history.ended for slot, history in attempts.slots().items()}


def test_a_batch_is_seen_as_soon_as_it_is_judged(storage: Storage, brief: Brief, batches: list[Batch]) -> None:
    attempts = attempts_of(storage, batches[0])
    attempts.refresh()
    assert attempts.slots() == {}
    judge(storage, brief, batches[1], {3})
    assert attempts.refresh()
    assert not attempts.refresh()
    assert ended(attempts) == {2: True, 3: False}, "a round is due for slot 3"


def test_failed_slots_end_with_the_last_round(storage: Storage, brief: Brief, batches: list[Batch]) -> None:
    attempts = attempts_of(storage, batches[0])
    for batch in batches:
        judge(storage, brief, batch, {0, 3, 4})
    book = attempts.book
    first = plan_round(book, 1)
    attempts.refresh()
    assert ended(attempts) == {0: False, 1: True, 2: True, 3: False, 4: False, 5: True}
    judge(storage, brief, first[0], {0})
    attempts.refresh()
    assert ended(attempts)[3], "it was repaired"
    assert not ended(attempts)[0], "round 2 is due"
    judge(storage, brief, first[1], {4})
    (second,) = plan_round(book, 2)
    judge(storage, brief, second, {0})
    attempts.refresh()
    assert all(ended(attempts).values())
    history = attempts.slots()[0]
    assert [a.round for a in history.attempts] == [0, 1, 2]
    assert [a.move for a in history.attempts] == [None, "more_guidance", "more_guidance"]
    assert [a.reason for a in history.attempts] == [None, *["prompt_alignment 0.4 below 0.7"] * 2]
    assert history.attempts[0].failed[0].expectation == "prompt_alignment"


def test_a_slot_that_the_next_round_leaves_out_has_ended(storage: Storage) -> None:
    text = TEXT.replace("moves: [more_guidance]", "moves: [more_steps]")
    brief = read_brief(text, source="brief.yaml", known=installed())
    batches = accept(storage, brief, text, take_snapshot("starter").snapshot_id, 6)
    judge(storage, brief, batches[0], {0, 1})
    attempts = attempts_of(storage, batches[0])
    attempts.refresh()
    assert not ended(attempts)[0]
    assert plan_round(attempts.book, 1) == []
    attempts.refresh()
    assert ended(attempts)[0]


def test_a_damaged_batch_is_named_and_its_slots_wait(storage: Storage, brief: Brief, batches: list[Batch]) -> None:
    for batch in batches:
        judge(storage, brief, batch, {0, 3, 4})
    attempts = attempts_of(storage, batches[0])
    for batch in plan_round(attempts.book, 1):
        judge(storage, brief, batch, set())
    broken = storage.path(f"assets/verdicts/{batch.key}/manifest.json")
    whole = broken.read_bytes()
    broken.write_bytes(b"{}")
    attempts.refresh()
    assert list(attempts.damaged) == [batch.key]
    assert ended(attempts) == {0: True, 1: True, 2: True, 3: True, 4: False, 5: True}
    broken.write_bytes(whole)
    assert attempts.refresh()
    assert attempts.damaged == {}
    assert all(ended(attempts).values())


def test_the_same_is_read_by_who_comes_later(storage: Storage, brief: Brief, batches: list[Batch]) -> None:
    watching = attempts_of(storage, batches[0])
    for batch in batches:
        judge(storage, brief, batch, {0, 3, 4})
        watching.refresh()
    plan_round(watching.book, 1)
    watching.refresh()
    later = attempts_of(storage, batches[0])
    later.refresh()
    assert later.slots() == watching.slots()
