"""Selected images to delivered files: resized, encoded, with their recipe inside and a manifest beside them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from genart_assets.deliverables.formats import DeliverableFormat, find_format
from genart_assets.errors import GenartError, InputError, StorageError
from genart_assets.records.brief import Brief
from genart_assets.records.judged import JudgedImage
from genart_assets.records.plan import Batch, PlannedImage
from genart_assets.records.streams import MicroBatch
from genart_assets.signing.identity import SigningIdentity
from genart_assets.signing.media import REMEDY, unsigned_because
from genart_assets.stages.delivery.deliver_image import Conflict, ImageToDeliver, Undeliverable, deliver_image
from genart_assets.stages.delivery.delivery_manifest import DeliveredFile, delivery_folder, promise_of
from genart_assets.storage.root import Storage

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class _Outcome:
    """What became of one image: files, a reason why it has none, or a conflict with what was delivered before."""

    recipe_id: str
    folder: str = ""
    files: tuple[DeliveredFile, ...] = field(default=())
    reason: str = ""
    conflict: str = ""


def deliver(
    storage: Storage,
    brief: Brief,
    batch: Batch,
    images: Iterable[JudgedImage],
    ids: Sequence[str],
    *,
    signer: SigningIdentity | None = None,
    rows: int = 16,
    workers: int | None = None,
) -> Iterator[MicroBatch[pd.DataFrame]]:
    """Deliver those of a batch's images that ``ids`` name, ``rows`` at a time, in that order.

    Yields the delivered files (schemas.DELIVERIES), several lines an image. An image whose picture is missing,
    damaged or changed, whose verdict is not a pass, or that a format cannot hold, fails alone, with the reason. One
    that a person accepted is delivered whatever its verdict. ``signer`` signs every file. What is delivered already is
    verified by its hashes and not encoded again. ``workers`` threads share the images, by default two a core, as half
    of the time goes to waiting for the disk; the files do not depend on it.

    Raises:
        GenartError: one of ``ids`` was neither selected nor accepted, or a format cannot be loaded.
        InputError: ``signer`` cannot sign the files of a format; nothing is delivered.
        StorageError: after all other images are delivered, if a file stands where other bytes should: nothing is
            overwritten.
        CertificateNotValid: ``signer`` cannot sign at this time; the images that are left are delivered when it can.
    """
    formats = tuple(find_format(name) for name in dict.fromkeys(brief.deliver.formats))
    if signer is not None:
        require_signing(formats)
    conflicts: list[str] = []
    chosen = _images(brief, batch, images, ids, formats, signer)
    outcomes = _outcomes(storage, chosen, workers or 2 * (os.cpu_count() or 1))
    while some := list(islice(outcomes, rows)):
        conflicts += [outcome.conflict for outcome in some if outcome.conflict]
        if settled := [outcome for outcome in some if not outcome.conflict]:
            yield _micro_batch(settled)
    if conflicts:
        raise StorageError(
            f"{len(conflicts)} images of batch {batch.key} were not delivered: "
            + "; ".join([*conflicts[:5], "nothing was overwritten"]),
            remedy="move these files or their folders away, then run the delivery again",
        )


def require_signing(formats: Sequence[DeliverableFormat]) -> None:
    """Refuse formats whose files would go out unsigned.

    Raises:
        InputError: a format's files cannot be signed; all of them are named.
    """
    if unsigned := [why for form in formats if (why := unsigned_because(form))]:
        raise InputError("; ".join(unsigned), remedy=REMEDY)


def folder_of(batch: Batch, planned: PlannedImage) -> str:
    """Where the files of one image are delivered, relative to the storage root."""
    return delivery_folder(batch.brief, batch.key, planned.slot.index, planned.recipe_id)


def _images(
    brief: Brief,
    batch: Batch,
    images: Iterable[JudgedImage],
    ids: Sequence[str],
    formats: tuple[DeliverableFormat, ...],
    signer: SigningIdentity | None,
) -> Iterator[ImageToDeliver]:
    chosen = {image.recipe_id: image for image in images if image.is_chosen}
    if strangers := [recipe_id for recipe_id in ids if recipe_id not in chosen]:
        raise GenartError(
            f"{len(strangers)} images are to be delivered that batch {batch.key} has not selected, e.g. {strangers[0]}",
            remedy="materialise selected_images of this batch again, then deliver it",
        )
    for image in (chosen[recipe_id] for recipe_id in ids):
        yield ImageToDeliver(
            folder=folder_of(batch, image.planned),
            picture_path=str(image.path),
            promise=promise_of(brief, batch, image),
            formats=formats,
            signer=signer,
        )


def _outcomes(storage: Storage, images: Iterator[ImageToDeliver], workers: int) -> Iterator[_Outcome]:
    """In the order of ``images``; a few are under way ahead of the one that is waited for."""

    def outcome(image: ImageToDeliver) -> _Outcome:
        recipe_id = image.promise.recipe_id
        try:
            return _Outcome(recipe_id, image.folder, files=deliver_image(storage, image))
        except Undeliverable as error:
            return _Outcome(recipe_id, reason=f"{error.message} {error.remedy}".strip())
        except Conflict as error:
            return _Outcome(recipe_id, conflict=error.message)

    pool = ThreadPoolExecutor(workers, thread_name_prefix="deliver")
    under_way: deque[Future[_Outcome]] = deque()
    try:
        for image in images:
            under_way.append(pool.submit(outcome, image))
            if len(under_way) > 2 * workers:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _micro_batch(outcomes: Sequence[_Outcome]) -> MicroBatch[pd.DataFrame]:
    import pandas as pd

    lines = [
        (outcome.recipe_id, file.format, file.size, f"{outcome.folder}/{file.name}", file.sha256, file.bytes)
        for outcome in outcomes
        for file in outcome.files
    ]
    frame = pd.DataFrame(lines, columns=["recipe_id", "format", "size", "path", "sha256", "bytes"])
    return MicroBatch(
        ids=tuple(outcome.recipe_id for outcome in outcomes if outcome.files),
        data=frame.astype({"size": "int32", "bytes": "int64"}),
        failures={outcome.recipe_id: outcome.reason for outcome in outcomes if outcome.reason},
    )
