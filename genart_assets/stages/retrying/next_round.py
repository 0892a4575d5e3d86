"""Plans the next retry round from the verdicts that are stored; its plan is written once and never changes."""

from __future__ import annotations

from genart_assets.records.plan import Batch
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.planning.parents import rows_before
from genart_assets.stages.planning.rounds import round_record
from genart_assets.stages.retrying.plan_retry import plan_retry
from genart_assets.stages.retrying.round_outcome import Repair, outcome_of


def plan_round(book: OrderBook, round_: int) -> list[Batch]:
    """Plan a retry round of an order durably, and give its batches. Whoever plans it again finds the same plan.

    All batches of the round before must have their verdicts; `OrderBook.is_judged` tells.
    """
    if round_record(book.storage, book.key, round_) is None:
        failing, record = book.failing_slots(round_ - 1), repairs_of(book, round_ - 1)
        book.store_round(round_, plan_retry(book.brief, failing, record, studio=book.studio))
    return book.batches(round_)


def repairs_of(book: OrderBook, round_: int) -> list[Repair]:
    """What moves did in every round up to one."""
    found: list[Repair] = []
    for number in range(1, round_ + 1):
        if book.planned_rows(number):
            found += outcome_of(number, book.rows(number), rows_before(book, number)).repairs
    return found
