"""Plans the next retry round from the verdicts that are stored; its plan is written once and never changes."""

from __future__ import annotations

from genart_assets.records.brief import Brief
from genart_assets.records.plan import Batch
from genart_assets.stages.planning.catalogue import Order, round_path, rows_of_round, studio_of
from genart_assets.stages.planning.rounds import batches_of_round, failing_slots, rows_before, rows_of, write_round
from genart_assets.stages.retrying.plan_retry import plan_retry
from genart_assets.stages.retrying.round_outcome import Repair, outcome_of
from genart_assets.storage.root import Storage


def plan_round(storage: Storage, brief: Brief, order: Order, round_: int) -> list[Batch]:
    """Plan a retry round durably, and give its batches. Whoever plans it again finds the same plan.

    All batches of the round before must have their verdicts; ``is_judged`` tells.
    """
    if not storage.exists(round_path(order.key, round_)):
        failing = failing_slots(storage, brief, order, round_ - 1)
        record = repairs_of(storage, brief, order, round_ - 1)
        write_round(storage, order, round_, plan_retry(brief, failing, record, studio=studio_of(storage, order)))
    return batches_of_round(storage, brief, order, round_)


def repairs_of(storage: Storage, brief: Brief, order: Order, round_: int) -> list[Repair]:
    """What moves did in every round up to one."""
    found: list[Repair] = []
    for number in range(1, round_ + 1):
        if rows_of_round(storage, brief, order, number):
            before = rows_before(storage, brief, order, number)
            found += outcome_of(number, rows_of(storage, brief, order, number), before).repairs
    return found
