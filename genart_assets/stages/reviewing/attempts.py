"""The judged attempts of an order's slots, read from the storage; a sealed batch is read once."""

from __future__ import annotations

from genart_assets.errors import StorageError
from genart_assets.records.plan import Batch
from genart_assets.records.verdict import verdicts_of
from genart_assets.stages.planning.order_book import OrderBook, rows_of_batch
from genart_assets.stages.planning.rounds import retries_of
from genart_assets.stages.reviewing.review_queue import JudgedAttempt, SlotHistory
from genart_assets.storage.tables import TableStore


class OrderAttempts:
    """What is judged of one order. ``refresh`` looks for more.

    A batch whose tables cannot be read is named in ``damaged``, and its slots wait; the others go on.
    """

    def __init__(self, book: OrderBook) -> None:
        self.book = book
        self.damaged: dict[str, str] = {}
        """Batch key to reason."""
        self._rounds: list[list[Batch]] = []
        self._judged: dict[str, dict[int, JudgedAttempt]] = {}
        self._waiting: dict[str, frozenset[int]] = {}

    def refresh(self) -> bool:
        """Read what was planned or judged since; whether there was something.

        Raises:
            StorageError: the plan of a round is damaged.
        """
        before = (len(self._rounds), len(self._judged))
        for round_ in range(len(self._rounds), self.book.last_round + 1):
            self._rounds.append(self.book.batches(round_))
        for batch in (batch for batches in self._rounds for batch in batches if batch.key not in self._judged):
            if batch.round and batch.key not in self._waiting:
                self._waiting[batch.key] = frozenset(retry.slot_index for retry in retries_of(self.book.storage, batch))
            try:
                if TableStore(self.book.storage, "verdicts", batch.key).sealed():
                    self._judged[batch.key] = self._read(batch)
                    self._waiting.pop(batch.key, None)
                self.damaged.pop(batch.key, None)
            except StorageError as error:
                self.damaged[batch.key] = error.message
        return before != (len(self._rounds), len(self._judged))

    def slots(self) -> dict[int, SlotHistory]:
        """Slot index to history, of the slots that have a verdict.

        A slot has ended when it waits for no verdict, and its last attempt passed, is held, was made in the brief's
        last round, or was left out when the next round was planned.
        """
        attempts: dict[int, list[JudgedAttempt]] = {}
        for batches in self._rounds:
            for batch in batches:
                for slot, attempt in self._judged.get(batch.key, {}).items():
                    attempts.setdefault(slot, []).append(attempt)
        waiting = frozenset[int]().union(*self._waiting.values())
        return {
            slot: SlotHistory(attempts=tuple(tries), ended=slot not in waiting and self._is_last(tries[-1]))
            for slot, tries in attempts.items()
        }

    def _is_last(self, attempt: JudgedAttempt) -> bool:
        next_round = attempt.round + 1
        if attempt.passed or attempt.held is not None:
            return True
        return next_round > self.book.brief.retry.rounds or next_round < len(self._rounds)

    def _read(self, batch: Batch) -> dict[int, JudgedAttempt]:
        import pandas as pd

        rows = rows_of_batch(self.book.storage, batch.key)
        columns = (rows[name] for name in ("slot_index", "move", "reason", "held"))
        found = zip(*columns, verdicts_of(rows), strict=True)
        return {
            int(slot): JudgedAttempt(
                recipe_id=verdict.recipe_id,
                batch=batch.key,
                round=batch.round,
                passed=verdict.passed,
                failed=verdict.failed,
                held=None if pd.isna(held) else str(held),
                move=str(move) if batch.round else None,
                reason=str(reason) if batch.round else None,
            )
            for slot, move, reason, held, verdict in found
        }
