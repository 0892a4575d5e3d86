"""Training sets are read from what is stored, as it stood at a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import torch

from genart_assets.errors import InputError
from genart_assets.finetuning.training_set import TrainingSetRules
from genart_assets.learning.reviewed_images import reviewed_images
from genart_assets.learning.training_set import tables_of, training_set
from genart_assets.records.decision import Decision
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.reviewing.attempts import OrderAttempts
from genart_assets.stages.reviewing.decisions import append, read_log
from genart_assets.stages.reviewing.feedback import feedback_of
from genart_assets.stages.reviewing.settlements import settle, settlement_key
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets.storage.tensors import TensorStore
from genart_assets_tests.review_page.orders import store_order

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Reviewed:
    """An order of four slots of which the first failed twice, as people reviewed it."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.order = store_order(storage, failing={0})
        self.attempts = OrderAttempts(OrderBook.open(storage, self.order.key))
        self.attempts.refresh()
        self.said = 0
        for batch in self.attempts.book.all_batches():
            ids = tuple(TableStore(storage, "generation_plan", batch.key).read()["recipe_id"])
            TensorStore(storage, "image_embeddings", batch.key).write(RowStream(ids, embedded))

    def ids(self, slot: int) -> list[str]:
        return [attempt.recipe_id for attempt in self.attempts.slots()[slot].attempts]

    def say(self, recipe_id: str, action: str, reviewer: str = "ada", **fields) -> Decision:
        self.said += 1
        decision = Decision(
            id=f"{self.said:032x}",
            order=self.order.key,
            recipe_id=recipe_id,
            action=action,
            reviewer=reviewer,
            time=NOON + timedelta(minutes=self.said),
            **fields,
        )
        append(self.storage, decision)
        return decision

    def settle(self) -> None:
        """Take everything in, as the asset ``human_feedback`` does."""
        settle(self.attempts, 0)
        decisions = read_log(self.storage, self.order.key).decisions
        images = {one.recipe_id: (slot, one) for slot, held in self.attempts.slots().items() for one in held.attempts}
        taken_back = frozenset(decision.undoes for decision in decisions if decision.undoes)
        table = feedback_of("fruit", decisions, images, taken_back)
        TableStore(self.storage, "human_feedback", settlement_key(self.order.key, 0)).write(table)

    def read(self, minutes: int = 60, **options):
        return reviewed_images(self.storage, [self.order.key], NOON + timedelta(minutes=minutes), **options)


def embedded(ids):
    for recipe_id in ids:
        row = np.random.default_rng(int(recipe_id[:8], 16)).normal(size=(1, 16)).astype(np.float32)
        yield MicroBatch((recipe_id,), {"embedding": torch.from_numpy(row / np.linalg.norm(row))})


@pytest.fixture
def order(tmp_path) -> Reviewed:
    return Reviewed(Storage.open(str(tmp_path)))


def test_accepted_and_rejected_attempts_of_a_slot_become_a_pair(order: Reviewed) -> None:
    first, second = order.ids(0)
    order.say(first, "reject")
    order.say(second, "accept", "bob")
    order.say(second, "score", "bob", score=5)
    order.say(order.ids(1)[0], "accept")
    order.say(order.ids(2)[0], "redo", settings=settings_of_order(order))
    order.settle()
    images, vectors = order.read()
    assert {one.recipe_id for one in images} == set(vectors) == {first, second, order.ids(1)[0], order.ids(2)[0]}
    made, report = training_set(images, vectors, TrainingSetRules(fewest=1))
    assert [(row.group, row.score) for row in made.rows] == [("fig", None), ("pear", 5)]
    (pair,) = made.pairs
    assert (pair.recipe_id, pair.slot) == (first, f"{order.order.key}/0")
    assert (report.accepted, report.rejected, report.unpaired) == (2, 2, 1)
    assert order.storage.exists(pair.rejected_path)
    assert (made.width, made.height) == (64, 64)
    for name, table in zip(("training_set", "preference_pairs"), tables_of(made), strict=True):
        store = TableStore(order.storage, name, "x")
        store.write(table)
        assert len(store.read()) == len(table)


def settings_of_order(order: Reviewed):
    from genart_assets.stages.planning.latitudes import settings_of

    return settings_of(order.attempts.book.brief)


def test_what_was_said_or_taken_back_later_is_not_seen(order: Reviewed) -> None:
    image = order.ids(1)[0]
    word = order.say(image, "accept")
    order.say(image, "undo", undoes=word.id)
    order.say(image, "reject", "bob")
    order.settle()
    assert [(one.accepted_by, one.rejected_by) for one in order.read(minutes=1)[0]] == [(("ada",), ())]
    assert order.read(minutes=2)[0] == []
    assert [(one.accepted_by, one.rejected_by) for one in order.read()[0]] == [((), ("bob",))]
    assert order.read(minutes=0)[0] == []


def test_features_are_scores_or_those_of_the_feature_store(order: Reviewed) -> None:
    image = order.ids(1)[0]
    order.say(image, "accept")
    order.settle()
    assert order.read()[0][0].features == {"sharpness": 80.0}
    known = pd.DataFrame(
        {"recipe_id": [image], "slot": ["a/1"], "scores__noise": [0.25], "brief_history__reviewed": [None]}
    ).astype({"brief_history__reviewed": "float64"})
    assert order.read(known=known)[0][0].features == {"scores__noise": 0.25}


def test_a_group_that_the_brief_does_not_vary_is_the_prompt(order: Reviewed) -> None:
    order.say(order.ids(1)[0], "accept")
    order.settle()
    assert [one.group for one in order.read(group="style")[0]] == ["icon of fig"]


def test_a_moment_without_a_zone_is_refused(order: Reviewed) -> None:
    with pytest.raises(InputError, match="has no time zone"):
        reviewed_images(order.storage, [order.order.key], datetime(2026, 1, 1))
