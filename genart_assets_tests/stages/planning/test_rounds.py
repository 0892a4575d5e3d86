"""Retry rounds over stored verdicts: planned once, pooled over batches, only for what failed."""

import json

import numpy as np
import pandas as pd
import pytest

from genart_assets.errors import InputError, StorageError
from genart_assets.models.schedules import schedule_of
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records import schemas
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Batch, PlannedImage
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.planning.catalogue import accept
from genart_assets.stages.planning.order_book import OrderBook, batch_of
from genart_assets.stages.planning.parents import batches_of_parents, scores_before
from genart_assets.stages.planning.plan import frame_of, plan_batch, plan_retry_batch
from genart_assets.stages.planning.rounds import retries_of, round_path
from genart_assets.stages.retrying.next_round import plan_round, repairs_of
from genart_assets.stages.retrying.round_outcome import Repair
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

TEXT = """\
brief: market
prompt: "icon of {subject}"
vary: {subject: [pear, fig, plum, lemon, lime, peach]}
latitudes: {guidance: [3, 9], alternative_prompts: ["a {subject}"]}
retry: {rounds: 2, moves: [more_guidance]}
"""
UNMET = json.dumps([{"expectation": "prompt_alignment", "value": 0.4, "min": 0.7, "max": None, "reason": ""}])


def store_verdicts(
    storage: Storage, batch: Batch, plan: list[PlannedImage], failing: set[int], held: str | None = None
) -> None:
    TableStore(storage, "generation_plan", batch.key).write(frame_of(plan))
    passed = np.array([image.slot.index not in failing for image in plan])
    verdicts = pd.DataFrame(
        {
            "recipe_id": [image.recipe_id for image in plan],
            "passed": passed,
            "failed": ["[]" if good else UNMET for good in passed],
            "held": None if held is None else pd.array([held] * len(plan), dtype="str"),
        }
    )
    TableStore(storage, "verdicts", batch.key).write(verdicts)


@pytest.fixture
def brief() -> Brief:
    return read_brief(TEXT, source="brief.yaml", known=installed())


@pytest.fixture
def storage(tmp_path) -> Storage:
    return Storage.open(str(tmp_path))


@pytest.fixture
def judged(storage: Storage, brief: Brief) -> list[Batch]:
    """Three batches of two; slots 0, 3 and 4 failed."""
    batches = accept(storage, brief, TEXT, take_snapshot("starter").snapshot_id, 2)
    for batch in batches:
        store_verdicts(storage, batch, plan_batch(brief, batch, schedule_of("starter", brief.sampler)), {0, 3, 4})
    return batches


def test_failing_slots_of_all_batches_are_pooled_into_full_ones(storage, brief, judged):
    book = OrderBook.open(storage, judged[0].order)
    planned = plan_round(book, 1)
    cut = [(batch.key[-7:], batch.first_row, batch.rows) for batch in planned]
    assert cut == [("r1.0000", 0, 2), ("r1.0001", 2, 1)]
    assert [r.slot_index for batch in planned for r in retries_of(storage, batch)] == [0, 3, 4]
    assert [batch_of(storage, batch.key) for batch in planned] == planned


def test_a_round_is_planned_once(storage, brief, judged):
    book = OrderBook.open(storage, judged[0].order)
    first = plan_round(book, 1)
    files = {path: path.read_bytes() for path in storage.path("rounds").iterdir()}
    assert plan_round(book, 1) == first
    assert {path: path.read_bytes() for path in storage.path("rounds").iterdir()} == files


def test_attempts_tell_the_whole_story_of_a_slot(storage, brief, judged):
    book = OrderBook.open(storage, judged[0].order)
    for batch in plan_round(book, 1):
        retries = retries_of(storage, batch)
        plan = plan_retry_batch(brief, batch, retries, lambda _: schedule_of("starter", brief.sampler))
        store_verdicts(storage, batch, plan, {3})
    assert book.is_judged(1)
    ((slot, attempts),) = book.failing_slots(1).items()
    assert (slot, [a.round for a in attempts], [a.move for a in attempts]) == (3, [0, 1], [None, "more_guidance"])
    assert [a.settings.guidance for a in attempts] == [5, 7]
    rows = book.rows(1).set_index("slot_index")
    assert rows.loc[3, "parent"] == attempts[0].recipe_id
    assert rows.loc[3, "reason"] == "prompt_alignment 0.4 below 0.7"
    (last,) = plan_round(book, 2)
    assert retries_of(storage, last)[0].settings.guidance == 8


def test_what_moves_did_is_known_to_the_next_round(storage, brief, judged):
    book = OrderBook.open(storage, judged[0].order)
    assert repairs_of(book, 0) == []
    for batch in plan_round(book, 1):
        retries = retries_of(storage, batch)
        plan = plan_retry_batch(brief, batch, retries, lambda _: schedule_of("starter", brief.sampler))
        store_verdicts(storage, batch, plan, {3})
    assert repairs_of(book, 1) == [Repair(move="more_guidance", expectation="prompt_alignment", images=3, passed=2)]


def test_where_everything_passed_no_batch_is_planned(storage, brief):
    (batch,) = accept(storage, brief, TEXT, take_snapshot("starter").snapshot_id, 8)
    store_verdicts(storage, batch, plan_batch(brief, batch, schedule_of("starter", brief.sampler)), set())
    book = OrderBook.open(storage, batch.order)
    assert plan_round(book, 1) == []


def test_a_batch_of_a_round_that_is_not_planned_is_unknown(storage, brief, judged):
    key = judged[0].key.replace(".r0.", ".r1.")
    assert OrderBook.open(storage, key.rsplit(".", 2)[0]).batches(1) == []
    with pytest.raises(InputError, match="has no batch") as refused:
        batch_of(storage, key)
    assert refused.value.remedy == "round 1 of this brief is not planned"


def test_slots_of_a_held_batch_are_not_retried(storage, brief):
    first, second, third = accept(storage, brief, TEXT, take_snapshot("starter").snapshot_id, 2)
    for batch, held in ((first, "yield ≥ 0.5: 0"), (second, None), (third, None)):
        plan = plan_batch(brief, batch, schedule_of("starter", brief.sampler))
        store_verdicts(storage, batch, plan, {0, 1, 2}, held)
    book = OrderBook.open(storage, first.order)
    assert [*book.failing_slots(0)] == [2]


def store_scores(storage: Storage, batch: Batch, ids: list[str], score: float) -> None:
    rows = [(row, "contrast", score, "L*", "higher", "1", "") for row in ids]
    frame = pd.DataFrame(rows, columns=schemas.CRITIC_SCORES.names)
    TableStore(storage, "critic_scores", batch.key).write(frame)


def test_a_retry_is_compared_with_the_attempts_that_it_follows(storage, brief, judged):
    book = OrderBook.open(storage, judged[0].order)
    for place, batch in enumerate(judged):
        ids = list(TableStore(storage, "verdicts", batch.key).read()["recipe_id"])
        store_scores(storage, batch, ids, float(place))
    plans = []
    for batch in plan_round(book, 1):
        retries = retries_of(storage, batch)
        plan = plan_retry_batch(brief, batch, retries, lambda _: schedule_of("starter", brief.sampler))
        plans.append(plan)
        store_verdicts(storage, batch, plan, {3})
        store_scores(storage, batch, [image.recipe_id for image in plan], 10.0 + batch.index)
        parents = scores_before(book, 1, plans[-1])
        assert sorted(parents["recipe_id"]) == sorted(retry.origin.parent for retry in retries)
    assert list(scores_before(book, 1, plans[0])["score"]) == [0.0, 1.0]
    assert len(scores_before(book, 0, plans[0])) == 0

    (batch,) = plan_round(book, 2)
    plan = plan_retry_batch(brief, batch, retries_of(storage, batch), lambda _: schedule_of("starter", brief.sampler))
    assert list(scores_before(book, 2, plan)["score"]) == [10.0]


def test_every_retry_knows_the_batch_of_its_parent(storage, brief, judged):
    book = OrderBook.open(storage, judged[0].order)
    retries = [retry for batch in plan_round(book, 1) for retry in retries_of(storage, batch)]
    found = batches_of_parents(book, 1, retries)
    assert found == {retry.origin.parent: judged[retry.slot_index // 2].key for retry in retries}
    first = book.rows(0).set_index("recipe_id")
    assert all(first.loc[parent, "batch"] == key for parent, key in found.items())


@pytest.mark.parametrize(
    ("suffix", "read"),
    [
        ("json", lambda book: book.batches(1)),
        ("json", lambda book: batch_of(book.storage, f"{book.key}.r1.0000")),
        ("parquet", lambda book: retries_of(book.storage, book.batches(1)[0])),
    ],
)
def test_a_damaged_round_is_named_with_its_remedy(storage, judged, suffix, read):
    book = OrderBook.open(storage, judged[0].order)
    plan_round(book, 1)
    path = round_path(book.key, 1, suffix)
    whole = storage.read(path)
    for damage in (whole[:-9], b"", b'{"rows": "many"}'):
        storage.replace(path, damage)
        with pytest.raises(StorageError, match="is damaged") as found:
            read(book)
        assert path in found.value.message
        assert found.value.remedy.startswith("restore the file")
