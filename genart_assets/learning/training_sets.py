"""Makes and stores the training sets of each style, from the reviews up to a given time."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, Field

from genart_assets.errors import InputError
from genart_assets.finetuning.training_set import TrainingSet
from genart_assets.learning.reviewed_images import reviewed_images
from genart_assets.learning.styles import Style
from genart_assets.learning.training_set import TrainingSetReport, training_set
from genart_assets.records.base import Record
from genart_assets.stages.planning.catalogue import orders
from genart_assets.stages.reviewing.settled_feedback import settled_accepts
from genart_assets.storage.numbered import Numbered
from genart_assets.storage.root import Storage


class StoredTrainingSet(Record):
    """A training set as it was made, with its report."""

    as_of: AwareDatetime = Field(description="UTC; later reviews are ignored")
    accepted: int = Field(description="images of the style's briefs with a valid acceptance")
    made: TrainingSet
    report: TrainingSetReport


def make_training_set(storage: Storage, style: Style, as_of: datetime) -> StoredTrainingSet:
    """Make a style's training set from the valid reviews and store it, durably; an unchanged set is not stored again.

    Raises:
        InputError: too few images are left; the message counts the reasons. StorageError: a stored file is damaged.
    """
    accepted = accepted_images(storage, style)  # first: reviews that arrive meanwhile count as new
    images, vectors = reviewed_images(storage, _orders(storage, style), as_of, group=style.learn_from.group)
    try:
        made, report = training_set(images, vectors, style.learn_from)
    except InputError as error:
        unknown = [repr(brief) for brief in style.briefs if not orders(storage, brief)]
        hint = f"correct `briefs`, since no brief was accepted as {' or '.join(unknown)}; or " if unknown else ""
        raise InputError(error.message, remedy=hint + error.remedy) from error
    found = StoredTrainingSet(as_of=as_of, accepted=accepted, made=made, report=report)
    stored = _stored(storage, style.style)
    last = stored.last()
    if last is not None and (last.made, last.accepted) == (made, found.accepted):
        return last
    stored.append(found)
    return found


def last_training_set(storage: Storage, style: str) -> StoredTrainingSet | None:
    """The latest training set of a style; None if there is none.

    Raises:
        StorageError: it is damaged.
    """
    return _stored(storage, style).last()


def prompts_learnt(storage: Storage, style: str, training_set_id: str) -> tuple[str, ...]:
    """The prompts of one of a style's training sets; empty if this storage does not have the set."""
    sets = (stored.made for stored in _stored(storage, style))
    return tuple({row.prompt for made in sets if made.id == training_set_id for row in made.rows})


def accepted_images(storage: Storage, style: Style) -> int:
    """Number of images of a style's briefs with a valid, settled acceptance, which a style can learn from."""
    return sum(len(settled_accepts(storage, key)) for key in _orders(storage, style))


def _orders(storage: Storage, style: Style) -> list[str]:
    return [order.key for brief in dict.fromkeys(style.briefs) for order in orders(storage, brief)]


def _stored(storage: Storage, style: str) -> Numbered[StoredTrainingSet]:
    return Numbered(storage, f"training_sets/{style}.", StoredTrainingSet)
