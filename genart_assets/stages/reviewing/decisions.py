"""The log of what people decided: one durable object a decision, nothing overwritten, and what of it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from genart_assets.errors import InputError, StorageError
from genart_assets.records.base import Record
from genart_assets.records.decision import Decision, Defect
from genart_assets.storage.records import DamagedRecord, damaged, read_record
from genart_assets.storage.root import Storage

OUTCOMES = frozenset({"accept", "reject", "redo"})
"""The actions that settle what becomes of an image; the others say something about it."""
DECIDE_AGAIN = "delete the file; decide about the image again"


@dataclass(frozen=True)
class Log:
    """The decisions of one order that could be read."""

    decisions: tuple[Decision, ...] = ()
    """By time, then by id."""
    damaged: dict[str, str] = field(default_factory=dict)
    """Storage path to reason of the files that could not be read."""


class Standing(Record):
    """What reviewers think of one image, after what they took back."""

    outcomes: tuple[Decision, ...] = ()
    """The last accept, reject or redo of each reviewer, by time."""
    score: int | None = None
    """The last one given, 1 to 5."""
    tags: tuple[Defect, ...] = ()
    """Every defect that somebody sees, sorted."""

    @property
    def outcome(self) -> Decision | None:
        """What holds: the last one, whoever it is from."""
        return self.outcomes[-1] if self.outcomes else None

    @property
    def disagreed(self) -> bool:
        """Whether reviewers came to different outcomes."""
        return len({decision.action for decision in self.outcomes}) > 1


def append(storage: Storage, decision: Decision) -> tuple[Decision, bool]:
    """Store a decision durably. The decision as it is stored, and whether it is new.

    A decision that was stored before, posted again, is not a second one: the first one's time stays.

    Raises:
        InputError: another decision has this id.
        StorageError: the storage refuses, or the decision of this id is damaged.
    """
    path = _path(decision.order, decision.id)
    if storage.write_once(path, decision.canonical().encode()):
        return decision, True
    held = _read(storage, decision.order, decision.id)
    if isinstance(held, str):
        raise damaged(storage, path, held, remedy=DECIDE_AGAIN)
    if held.model_copy(update={"time": decision.time}) != decision:
        raise InputError(
            f"decision {decision.id} is taken: {held.reviewer} chose {held.action} for image {held.recipe_id[:16]}",
            remedy="give every decision an id of its own, 32 random hex digits",
        )
    return held, False


def read_log(storage: Storage, order_key: str, known: Log | None = None) -> Log:
    """All decisions of an order; what ``known`` holds is not read again. A damaged file is named, the others are read.

    Raises:
        StorageError: the storage cannot be listed.
    """
    found = {decision.id: decision for decision in known.decisions} if known else {}
    damaged: dict[str, str] = {}
    for name in storage.names(f"decisions/{order_key}"):
        decision_id = name.removesuffix(".json")
        if decision_id in found:
            continue
        read = _read(storage, order_key, decision_id) if name.endswith(".json") else "it is no decision"
        if isinstance(read, str):
            damaged[f"decisions/{order_key}/{name}"] = read
        else:
            found[decision_id] = read
    return Log(tuple(in_order(found.values())), damaged)


def in_order(decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions by time, then by id."""
    return sorted(decisions, key=lambda decision: (decision.time, decision.id))


def standing(decisions: Iterable[Decision]) -> dict[str, Standing]:
    """Recipe id to what stands of the decisions about it.

    A decision that was taken back counts for nothing; what was decided before it counts again. An undo takes back
    what is about the same image.
    """
    by_time = in_order(decisions)
    taken_back = {(decision.undoes, decision.recipe_id) for decision in by_time}
    by_image: dict[str, list[Decision]] = {}
    for decision in by_time:
        by_image.setdefault(decision.recipe_id, [])
        if (decision.id, decision.recipe_id) not in taken_back:
            by_image[decision.recipe_id].append(decision)
    return {recipe_id: _standing(left) for recipe_id, left in by_image.items()}


def _standing(decisions: Iterable[Decision]) -> Standing:
    outcomes: dict[str, Decision] = {}
    scores: list[int] = []
    tags: set[Defect] = set()
    for decision in decisions:
        if decision.action in OUTCOMES:
            outcomes[decision.reviewer] = decision
        if decision.score is not None:
            scores.append(decision.score)
        tags.update(decision.tags)
    return Standing(
        outcomes=tuple(in_order(outcomes.values())),
        score=scores[-1] if scores else None,
        tags=tuple(sorted(tags)),
    )


def _path(order_key: str, decision_id: str) -> str:
    return f"decisions/{order_key}/{decision_id}.json"


def _read(storage: Storage, order_key: str, decision_id: str) -> Decision | str:
    """The decision, or why there is none."""
    try:
        decision = read_record(storage, _path(order_key, decision_id), Decision, remedy=DECIDE_AGAIN)
    except DamagedRecord as error:
        return error.why
    except StorageError as error:
        return error.message
    if (decision.order, decision.id) != (order_key, decision_id):
        return f"it holds decision {decision.id} of {decision.order}"
    return decision
