"""The training sets of each style: made of what was reviewed until a moment, kept one after the other."""

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
    """A training set as it was made."""

    as_of: AwareDatetime = Field(description="UTC; what people said later is not in it")
    accepted: int = Field(description="images of the style's briefs whose acceptance stood")
    made: TrainingSet
    report: TrainingSetReport


def make_training_set(storage: Storage, style: Style, as_of: datetime) -> StoredTrainingSet:
    """Make a style's set of what stands now, and keep it, durably; one like the last is not kept twice.

    Raises:
        InputError: too few images are left; the reasons are counted. StorageError: something stored is damaged.
    """
    accepted = accepted_images(storage, style)  # first, so that what is taken in meanwhile counts as new afterwards
    images, vectors = reviewed_images(storage, _orders(storage, style), as_of, group=style.learn_from.group)
    try:
        made, report = training_set(images, vectors, style.learn_from)
    except InputError as error:
        unknown = [repr(brief) for brief in style.briefs if not orders(storage, brief)]
        hint = f"no brief was accepted as {' or '.join(unknown)}: correct `briefs`; or " if unknown else ""
        raise InputError(error.message, remedy=hint + error.remedy) from error
    found = StoredTrainingSet(as_of=as_of, accepted=accepted, made=made, report=report)
    kept = _kept(storage, style.style)
    last = kept.last()
    if last is not None and (last.made, last.accepted) == (made, found.accepted):
        return last
    kept.append(found)
    return found


def last_training_set(storage: Storage, style: str) -> StoredTrainingSet | None:
    """The last one that was made for a style.

    Raises:
        StorageError: it is damaged.
    """
    return _kept(storage, style).last()


def prompts_learnt(storage: Storage, style: str, training_set_id: str) -> tuple[str, ...]:
    """The prompts of one of a style's training sets; none where the set was not made here."""
    sets = (kept.made for kept in _kept(storage, style))
    return tuple({row.prompt for made in sets if made.id == training_set_id for row in made.rows})


def accepted_images(storage: Storage, style: Style) -> int:
    """Images of a style's briefs whose acceptance stands, as far as it was taken in and can be learnt from."""
    return sum(len(settled_accepts(storage, key)) for key in _orders(storage, style))


def _orders(storage: Storage, style: Style) -> list[str]:
    return [order.key for brief in dict.fromkeys(style.briefs) for order in orders(storage, brief)]


def _kept(storage: Storage, style: str) -> Numbered[StoredTrainingSet]:
    return Numbered(storage, f"training_sets/{style}.", StoredTrainingSet)
