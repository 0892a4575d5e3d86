"""Settlements: what reviewers decided is taken in, some decisions at a time, once; nothing of it changes later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from pydantic import Field

from genart_assets.records.base import Record
from genart_assets.records.decision import Decision, Reviewed
from genart_assets.records.plan import Origin
from genart_assets.records.retry import REDO, RetryPlan, SlotRetry
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.reviewing.attempts import OrderAttempts
from genart_assets.stages.reviewing.decisions import read_log, standing
from genart_assets.stages.reviewing.review_queue import outcomes_of, review_queue
from genart_assets.storage.records import read_record
from genart_assets.storage.root import Storage


class Settlement(Record):
    """What the decisions since the settlement before came to."""

    decisions: tuple[str, ...] = Field(description="ids, oldest first")
    accepted: tuple[Reviewed, ...] = Field(default=(), description="images that are now to be delivered")
    rejected: tuple[Reviewed, ...] = Field(default=(), description="images that are now not to be delivered")
    withdrawn: tuple[Reviewed, ...] = Field(
        default=(), description="images that an earlier settlement accepted and that are accepted no more"
    )
    redone: tuple[SlotRetry, ...] = Field(default=(), description="slots to be rendered again as a reviewer said")
    redo_round: int | None = Field(default=None, description="the round that renders them")


def settlement_key(order_key: str, number: int) -> str:
    """Dagster partition key of a settlement, ``spring-market.0123456789.v0``."""
    return f"{order_key}.v{number}"


def order_and_number(key: str) -> tuple[str, int]:
    """What `settlement_key` was made of."""
    order_key, _, number = key.rpartition(".v")
    return order_key, int(number)


def settlements_of(storage: Storage, order_key: str) -> list[Settlement]:
    """The settlements of an order, oldest first.

    Raises:
        StorageError: one is damaged.
    """
    return list(_settlements(storage, order_key))


def open_decisions(settlements: Iterable[Settlement], decisions: Iterable[Decision]) -> list[Decision]:
    """Those of an order's decisions that no settlement has taken in, in their order."""
    settled = {decision for held in settlements for decision in held.decisions}
    return [decision for decision in decisions if decision.id not in settled]


def is_due(book: OrderBook) -> bool:
    """Whether there is something to settle, and no round of the order is under way that may change it."""
    decisions = read_log(book.storage, book.key).decisions
    return bool(open_decisions(_settlements(book.storage, book.key), decisions)) and book.has_ended()


def settle(attempts: OrderAttempts, number: int) -> Settlement:
    """Take in what was decided, durably, and plan the round of what is to be rendered again.

    ``attempts`` are the order's as of now. Whoever settles under the same number again finds the same settlement. The
    last word about a slot holds; what was accepted stays so until a later settlement withdraws it.
    """
    book = attempts.book
    path = _path(book.key, number)
    if not book.storage.exists(path):
        book.storage.write_once(path, _settlement(attempts).canonical().encode())
    made = _read(book.storage, book.key, number)
    if made.redo_round is not None:
        book.store_round(made.redo_round, RetryPlan(retries=list(made.redone)))
    return made


def standing_accepts(settlements: Iterable[Settlement]) -> dict[str, Reviewed]:
    """Recipe id to image of what people accepted and no later settlement withdrew; ``settlements`` oldest first."""
    accepted: dict[str, Reviewed] = {}
    for held in settlements:
        accepted |= {image.recipe_id: image for image in held.accepted}
        for image in held.withdrawn:
            accepted.pop(image.recipe_id, None)
    return accepted


def _settlement(attempts: OrderAttempts) -> Settlement:
    book = attempts.book
    earlier, decisions = settlements_of(book.storage, book.key), read_log(book.storage, book.key).decisions
    standings = standing(decisions)
    accepted: dict[str, Reviewed] = {}
    rejected: list[Reviewed] = []
    redone: list[SlotRetry] = []
    for row in review_queue(book.key, attempts.slots(), book.brief.review.sample):
        for word in outcomes_of(row, standings)[-1:]:
            about = next(attempt for attempt in row.attempts if attempt.recipe_id == word.recipe_id)
            image = Reviewed(
                recipe_id=word.recipe_id, slot_index=row.slot_index, batch=about.batch, reviewer=word.reviewer
            )
            if word.action == "accept":
                accepted[word.recipe_id] = image
            elif word.action == "reject":
                rejected.append(image)
            elif word.settings is not None:
                origin = Origin(parent=word.recipe_id, move=REDO, reason=f"{word.reviewer} asked for it")
                redone.append(SlotRetry(slot_index=row.slot_index, settings=word.settings, origin=origin))
    before = standing_accepts(earlier)
    return Settlement(
        decisions=tuple(decision.id for decision in open_decisions(earlier, decisions)),
        accepted=tuple(image for image in accepted.values() if image.recipe_id not in before),
        rejected=tuple(rejected),
        withdrawn=tuple(image for image in before.values() if image.recipe_id not in accepted),
        redone=tuple(redone),
        redo_round=book.last_round + 1 if redone else None,
    )


def _settlements(storage: Storage, order_key: str) -> Iterator[Settlement]:
    for number in count():
        if not storage.exists(_path(order_key, number)):
            return
        yield _read(storage, order_key, number)


def _path(order_key: str, number: int) -> str:
    return f"settlements/{settlement_key(order_key, number)}.json"


def _read(storage: Storage, order_key: str, number: int) -> Settlement:
    remedy = "restore the file: what it says may have been delivered"
    return read_record(storage, _path(order_key, number), Settlement, remedy=remedy)
