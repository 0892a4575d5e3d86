"""Accepts a brief, wherever it came from: it is read, held against its models and the studio, frozen and stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.brief import Brief
from genart_assets.records.plan import BATCH_ROWS, Batch
from genart_assets.records.studio import StudioLatitudes
from genart_assets.stages.acceptance.current import current_content, set_current
from genart_assets.stages.acceptance.frozen import freeze_adapters
from genart_assets.stages.acceptance.licences import check_licences
from genart_assets.stages.acceptance.model_checks import check_model
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.installed import Installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.planning.catalogue import Order, accept, order_for, orders
from genart_assets.storage.root import Storage


@dataclass(frozen=True)
class Accepted:
    """What a brief became."""

    brief: Brief
    """With its weights frozen."""
    order: Order
    batches: tuple[Batch, ...]
    """Those of the first round."""
    replaced: str | None
    """Hash of the content that stood under the brief's id until now; None where the id is new, or stands for this brief
    already. It stands there until `defs.superseded.make_current` has shown Dagster which batches that makes stale."""
    notes: tuple[str, ...]
    """What is worth knowing before the work begins."""


def accept_brief(
    storage: Storage,
    text: str,
    *,
    source: str,
    studio: StudioLatitudes,
    batch_rows: int = BATCH_ROWS,
    folder: Path | None = None,
    known: Installed | None = None,
    fetch: bool = True,
) -> Accepted:
    """Take a brief, as it is written, into the catalogue; who accepts it again gets the same order.

    ``storage`` holds the LoRAs of styles. Names are held against the studio's before a model is fetched; without
    ``fetch`` none is. ``known`` is by default what is installed now; ``source`` and ``folder`` are as in `read_brief`.

    Raises:
        InputError: the brief is wrong, or asks for more than the studio allows; every problem is named.
        InputError, ModelError: a name leads to no usable files, or to others than the brief gives the hash of.
        StorageError: the storage refuses, or what it holds of this brief is damaged.
    """

    def check(brief: Brief) -> list[tuple[str, str]]:
        problems = check_model(brief, storage, fetch=fetch)
        return problems or (check_licences(brief, studio.licences, storage) if studio.licences else [])

    read = read_brief(
        text,
        source=source,
        folder=folder,
        known=known or installed(),
        studio=studio,
        check_model=check,
    )
    brief, snapshot_id = freeze_adapters(read, storage), take_snapshot(read.model).snapshot_id
    notes = _changed_weights(storage, brief, snapshot_id, source)
    batches = accept(storage, brief, text, snapshot_id, batch_rows, studio)
    before = current_content(storage, brief.brief)
    if before is None:
        set_current(storage, brief)
    return Accepted(
        brief=brief,
        order=order_for(brief, snapshot_id, batch_rows),
        batches=tuple(batches),
        replaced=before if before != brief.brief_hash else None,
        notes=tuple(notes),
    )


def _changed_weights(storage: Storage, brief: Brief, snapshot_id: str, source: str) -> list[str]:
    """That a brief which was accepted before is planned anew, since its model's weights are others now."""
    known = {order.model_snapshot for order in orders(storage, brief.brief) if order.brief_hash == brief.brief_hash}
    if not known or snapshot_id in known:
        return []
    old = ", ".join(sorted(digest[:12] for digest in known))
    return [
        f"{source}: model {brief.model!r} has changed since this brief was accepted, from snapshot {old} to "
        f"{snapshot_id[:12]}: its images are planned anew; put the old weights back to resume the old ones"
    ]
