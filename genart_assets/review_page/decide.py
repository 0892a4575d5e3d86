"""Stores what a reviewer's browser posts as a decision, or refuses it and says why."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from genart_assets.errors import InputError
from genart_assets.records.brief import Brief
from genart_assets.records.decision import Decision
from genart_assets.records.plan import Change, Settings
from genart_assets.records.studio import StudioLatitudes
from genart_assets.review_page.queue import Entry, ReviewQueue
from genart_assets.stages.planning.latitudes import OutsideLatitudes, changed, settings_of
from genart_assets.stages.reviewing.decisions import append

_log = logging.getLogger(__name__)


class NotInQueue(InputError):
    """The queue does not show the image."""


class Refused(InputError):
    """The post is not a decision, or the brief does not allow it."""


def decide(
    queue: ReviewQueue, body: bytes, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> tuple[Decision, Entry | None, bool]:
    """Check and store a post; return the stored decision, its row, and whether it is new.

    ``body`` is the JSON of a ``Decision`` without ``time``, which ``clock`` sets. If the clock was set back, the
    decision is dated just after the last decision about the row, so that it stays the last. The row is None if the
    decision was stored before and the row has left the queue. A redo is stored with the settings from `changed`, which
    takes what is left out from the brief. A refused redo is logged as a warning, with the bound.

    Raises:
        Refused: it is not a decision, a redo is outside the brief's or the studio's latitudes, or an undo names a
            decision that does not exist or cannot be undone.
        NotInQueue: the queue does not show the image.
        InputError: another decision has its id.
        StorageError: the storage refuses.
    """
    decision = _read(body, clock())
    entry = queue.entry_of_image(decision.order, decision.recipe_id)
    if entry is None:
        queue.refresh(at_once=True)
        entry = queue.entry_of_image(decision.order, decision.recipe_id)
    if entry is None and (stored := queue.stored_decision(decision)) is not None:
        return stored, None, False
    if entry is None:
        raise NotInQueue(
            f"image {decision.recipe_id[:16]} of order {decision.order} is not in the review queue",
            remedy="load the page again to see the images that need a decision",
        )
    if decision.settings is not None:
        try:
            settings = _inside(entry.brief, entry.book.studio, decision.settings)
        except Refused as refusal:
            _log.warning("%s: %s's %s", entry.key, decision.reviewer, refusal.message)
            raise
        decision = decision.model_copy(update={"settings": settings})
    if decision.undoes is not None:
        _require_own(queue, entry, decision)
    before = [known.time for known in queue.decisions(entry) if known.id != decision.id]
    if before and decision.time <= before[-1]:
        decision = decision.model_copy(update={"time": before[-1] + timedelta.resolution})
    stored, is_new = append(queue.storage, decision)
    queue.take(stored)
    return stored, entry, is_new


def _read(body: bytes, now: datetime) -> Decision:
    try:
        posted: Any = json.loads(body)
        if not isinstance(posted, dict) or "time" in posted:
            raise Refused("a decision is a JSON object without time", remedy="leave out time, which the server sets")
        return Decision.model_validate({**posted, "time": now})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "decision"
        raise Refused(
            f"{field}: {first['msg']}", remedy="correct the field as records.Decision describes it"
        ) from error
    except (ValueError, RecursionError) as error:
        raise Refused(f"the decision is not JSON: {error}", remedy="post one JSON object") from error


def _inside(brief: Brief, studio: StudioLatitudes, wanted: Settings) -> Settings:
    try:
        return changed(brief, settings_of(brief), Change(**wanted.model_dump()), studio)
    except OutsideLatitudes as refusal:
        raise Refused(f"redo refused: {refusal.message}", remedy=refusal.remedy) from refusal


def _require_own(queue: ReviewQueue, entry: Entry, undo: Decision) -> None:
    """Refuse an undo unless it names a decision of the same reviewer about the same image."""
    about = {decision.id: decision for decision in queue.decisions(entry)}
    if undo.undoes not in about:
        queue.refresh(at_once=True)  # another server on this storage may have stored it
        about = {decision.id: decision for decision in queue.decisions(entry)}
    undone = about.get(undo.undoes or "")
    if undone is None or undone.recipe_id != undo.recipe_id or undone.action == "undo":
        raise Refused(
            f"undo refused: there is no decision {undo.undoes} about image {undo.recipe_id[:16]}",
            remedy="name an accept, reject, redo, score or tag of this image",
        )
    if undone.reviewer != undo.reviewer:
        raise Refused(
            f"undo refused: the decision is {undone.reviewer}'s",
            remedy="make another decision, since both are stored and the last one holds",
        )
