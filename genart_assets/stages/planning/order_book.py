"""An order at work: its brief, read once, and its rounds, batches, rows and retries as they are stored now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from genart_assets.errors import InputError
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Batch, Settings
from genart_assets.records.retry import REDO, Attempt, RetryPlan, SlotRetry
from genart_assets.records.studio import StudioLatitudes
from genart_assets.records.verdict import verdicts_of
from genart_assets.stages.planning import rounds
from genart_assets.stages.planning.catalogue import Order, has_order, order_at, orders, read_brief, studio_of
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.planning.plan import batch_at, batches_of
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

if TYPE_CHECKING:
    import pandas as pd

OF_THE_PLAN = ["recipe_id", "slot_index", "parent", "move", "reason"]
_KEY = re.compile(r"(?P<order>[a-z0-9][a-z0-9-]{0,63}\.[0-9a-f]{10})\.r(?P<round>\d{1,3})\.(?P<index>\d{4,7})")


@dataclass(frozen=True)
class OrderBook:
    """One order of a storage. What was ordered does not change; rounds and verdicts are looked up at each question."""

    storage: Storage
    order: Order
    brief: Brief

    @classmethod
    def open(cls, storage: Storage, order_key: str) -> OrderBook:
        """The book of the order with a key ``{brief}.{digest10}``.

        Raises:
            InputError: no such brief was accepted. StorageError: the order or its brief is missing or damaged.
        """
        order = order_at(storage, order_key)
        return cls(storage, order, read_brief(storage, order))

    @classmethod
    def of_brief(cls, storage: Storage, brief_id: str) -> list[OrderBook]:
        """The books of all orders of a brief id, sorted by key.

        Raises:
            StorageError: one of them is damaged.
        """
        return [cls(storage, order, read_brief(storage, order)) for order in orders(storage, brief_id)]

    @classmethod
    def of_batch(cls, storage: Storage, batch_key: str) -> OrderBook:
        """The book of the order that a batch belongs to, as `open`; `batch` says whether there is such a batch.

        Raises:
            InputError: it is not a batch key, or not one of an accepted brief.
        """
        parts = _KEY.fullmatch(batch_key)
        if parts is None:
            raise InputError(
                f"{batch_key!r} is not a batch key", remedy="give a key such as spring-market.0123456789.r0.0000"
            )
        if not has_order(storage, parts["order"]):
            raise InputError(
                f"no brief was accepted for batch {batch_key}", remedy="run its brief, or drop it into the inbox"
            )
        return cls.open(storage, parts["order"])

    @property
    def key(self) -> str:
        """The order's key, the beginning of its batches' keys."""
        return self.order.key

    @cached_property
    def studio(self) -> StudioLatitudes:
        """The studio's latitudes that the brief was accepted under."""
        return studio_of(self.storage, self.order)

    @property
    def last_round(self) -> int:
        """The highest round that is planned; it may have no rows."""
        return rounds.last_round(self.storage, self.key)

    def planned_rows(self, round_: int) -> int:
        """Images of a round: every slot in round 0, the retries in later ones; 0 where it is not planned."""
        if round_ == 0:
            return self.brief.slot_count
        record = rounds.round_record(self.storage, self.key, round_)
        return record.rows if record else 0

    def batches(self, round_: int) -> list[Batch]:
        """The batches of a round, as far as it is planned; none before that."""
        return list(batches_of(*self._cut, round_, self.planned_rows(round_)))

    def all_batches(self) -> list[Batch]:
        """The batches of every round that is planned."""
        return [batch for round_ in range(self.last_round + 1) for batch in self.batches(round_)]

    def batch(self, key: str) -> Batch:
        """The order's batch with a partition key.

        Raises:
            InputError: the order has none of that key.
        """
        parts = _KEY.fullmatch(key)
        round_, index = (int(parts["round"]), int(parts["index"])) if parts else (0, 0)
        rows = self.planned_rows(round_)
        count = -(-rows // self.order.batch_rows)
        batch = batch_at(*self._cut, index, round_, rows) if index < count else None
        if batch is None or batch.key != key:
            known = f"its batches are {self.key}.r{round_}.0000 to {self.key}.r{round_}.{count - 1:04d}"
            raise InputError(
                f"brief {self.order.brief} has no batch {key}",
                remedy=known if count else f"round {round_} of this brief is not planned",
            )
        return batch

    def retries(self, round_: int) -> list[SlotRetry]:
        """The rows of a retry round, in order."""
        return rounds.retries_in(self.storage, self.key, round_)

    def store_round(self, round_: int, plan: RetryPlan) -> None:
        """Store the plan of a retry round, unless it is there."""
        rounds.write_round(self.storage, self.key, round_, plan)

    def is_judged(self, round_: int) -> bool:
        """Whether a round is planned and all of its batches have verdicts."""
        batches = self.batches(round_)
        return bool(batches) and self._are_judged(batches)

    def has_ended(self) -> bool:
        """Whether every planned batch has its verdicts and no retry round is due."""
        last = self.last_round
        if not self._are_judged(self.all_batches()):
            return False
        return last >= self.brief.retry.rounds or not self.failing_slots(last)

    def rows(self, round_: int) -> pd.DataFrame:
        """A round as a frame, a row an image: recipe_id, slot_index, batch, parent, move, reason, schemas.VERDICTS."""
        import pandas as pd

        return pd.concat([rows_of_batch(self.storage, batch.key) for batch in self.batches(round_)], ignore_index=True)

    def failing_slots(self, round_: int) -> dict[int, list[Attempt]]:
        """The slots that failed in a round, each with its attempts up to then, oldest first.

        None of a batch that is held, and none that a reviewer had rendered again: a person sees them instead.
        """
        found: dict[int, list[Attempt]] = {}
        for number in reversed(range(round_ + 1)):
            if not self.planned_rows(number):
                continue
            rows = self.rows(number)
            rows = rows[~rows["passed"].astype(bool) & rows["held"].isna() & (rows["move"] != REDO)]
            if number < round_:
                rows = rows[rows["slot_index"].isin(found)]
            settings = self._settings(number)
            for slot, move, verdict in zip(rows["slot_index"], rows["move"], verdicts_of(rows), strict=True):
                attempt = Attempt(
                    round=number,
                    recipe_id=verdict.recipe_id,
                    settings=settings[int(slot)] if number else settings[0],
                    move=move if number else None,
                    failed=verdict.failed,
                )
                found.setdefault(int(slot), []).insert(0, attempt)
        return found

    @property
    def _cut(self) -> tuple[Brief, str, int]:
        """What batches are cut by."""
        return self.brief, self.order.model_snapshot, self.order.batch_rows

    def _are_judged(self, batches: list[Batch]) -> bool:
        return all(TableStore(self.storage, "verdicts", batch.key).sealed() for batch in batches)

    def _settings(self, round_: int) -> dict[int, Settings]:
        """Slot to settings of a retry round; in round 0 all slots have those under 0."""
        if round_ == 0:
            return {0: settings_of(self.brief)}
        return {retry.slot_index: retry.settings for retry in self.retries(round_)}


def batch_of(storage: Storage, key: str) -> Batch:
    """The batch with a partition key, of whichever order.

    Raises:
        InputError: it is not a batch key, or there is no such batch. StorageError: its order or brief is damaged.
    """
    return OrderBook.of_batch(storage, key).batch(key)


def rows_of_batch(storage: Storage, batch: str) -> pd.DataFrame:
    """The rows of one judged batch, as `OrderBook.rows`."""
    plan = TableStore(storage, "generation_plan", batch).read()
    verdicts = TableStore(storage, "verdicts", batch).read()
    return plan[OF_THE_PLAN].merge(verdicts, on="recipe_id").assign(batch=batch)
