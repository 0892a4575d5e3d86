"""The catalogue of accepted briefs: what was ordered, and which batches that means."""

from __future__ import annotations

import re

from pydantic import Field

from genart_assets.errors import InputError, StorageError
from genart_assets.records.base import ORDER_KEY_PATTERN, Record
from genart_assets.records.brief import Brief
from genart_assets.records.plan import BATCH_ROWS, Batch
from genart_assets.records.studio import UNBOUND, StudioLatitudes
from genart_assets.stages.briefs.control_images import store_controls
from genart_assets.stages.briefs.references import store_references
from genart_assets.stages.briefs.start_pictures import store_starts
from genart_assets.stages.planning.plan import batches_of, plan_digest
from genart_assets.storage.records import damaged, read_record
from genart_assets.storage.root import Storage

STUDIO = "studio.json"
"""What the name of the studio's latitudes ends in, beside the brief."""
GIVE_AGAIN = "delete the file and give the brief again; it is rewritten"


class Order(Record):
    """One brief, accepted for one model snapshot. Its first round's batches follow from it."""

    brief: str
    brief_hash: str = Field(description="names the canonical brief and its text as written")
    model: str
    model_snapshot: str = Field(description="snapshot id of the weights and configs")
    batch_rows: int = Field(ge=1, description="rows a batch; the last one may have fewer")

    @property
    def key(self) -> str:
        """``{brief}.{digest10}``, the beginning of its batches' keys."""
        return f"{self.brief}.{plan_digest(self.brief_hash, self.model_snapshot, self.batch_rows)}"


def order_for(brief: Brief, snapshot_id: str, batch_rows: int) -> Order:
    """The order that a brief is for a model snapshot, whether or not it was accepted."""
    return Order(
        brief=brief.brief,
        brief_hash=brief.brief_hash,
        model=brief.model,
        model_snapshot=snapshot_id,
        batch_rows=batch_rows,
    )


def accept(
    storage: Storage,
    brief: Brief,
    text: str,
    snapshot_id: str,
    batch_rows: int = BATCH_ROWS,
    studio: StudioLatitudes = UNBOUND,
) -> list[Batch]:
    """Take a brief into the catalogue, durably, and give the batches of its first round.

    ``text`` is the brief as written. The same brief for the same weights is the same order, whatever its layout: the
    first text is kept, and so are the latitudes of the ``studio`` that it was first accepted under. The order is
    written last, so that an order always has its brief, its reference pictures, its control images and its start
    pictures.

    Raises:
        InputError: one of these pictures has changed since the brief was read.
        StorageError: the storage refuses, or holds something else under this order's name.
    """
    order = order_for(brief, snapshot_id, batch_rows)
    batches = list(batches_of(brief, snapshot_id, batch_rows))
    store_references(storage, brief.style_guide.references)
    store_controls(storage, brief)
    store_starts(storage, brief)
    storage.write_once(_brief_path(brief.brief, brief.brief_hash, "yaml"), text.encode())
    content = _brief_path(brief.brief, brief.brief_hash, "json")
    if studio != UNBOUND and not storage.exists(content):
        storage.write_once(_brief_path(brief.brief, brief.brief_hash, STUDIO), studio.canonical().encode())
    storage.write_once(content, brief.canonical().encode())
    if not storage.write_once(_order_path(order.key), order.canonical().encode()):
        held = _read_order(storage, order.key)
        if held != order:
            raise StorageError(
                f"the storage holds another order under {_order_path(order.key)}: {held.canonical()}",
                remedy="change the brief's id, so that the two orders have different names",
            )
    return batches


def orders(storage: Storage, brief_id: str) -> list[Order]:
    """The orders of a brief id, sorted by key: one for every content, model snapshot and batch size accepted."""
    return [_read_order(storage, key) for key in order_keys(storage) if key.startswith(f"{brief_id}.")]


def order_keys(storage: Storage) -> list[str]:
    """The keys of all orders, sorted."""
    return [name.removesuffix(".json") for name in storage.names("orders") if name.endswith(".json")]


def has_order(storage: Storage, key: str) -> bool:
    """Whether an order was accepted under a key."""
    return storage.exists(_order_path(key))


def order_at(storage: Storage, key: str) -> Order:
    """The order with a key ``{brief}.{digest10}``.

    Raises:
        InputError: no such brief was accepted.
    """
    if not re.fullmatch(ORDER_KEY_PATTERN, key) or not has_order(storage, key):
        raise InputError(f"no brief was accepted as {key!r}", remedy="run its brief, or drop it into the inbox")
    return _read_order(storage, key)


def read_brief(storage: Storage, order: Order) -> Brief:
    """The brief that an order was accepted with.

    Raises:
        StorageError: it is missing, damaged, or not the one that was accepted.
    """
    path = _brief_path(order.brief, order.brief_hash, "json")
    brief = read_record(storage, path, Brief, remedy=GIVE_AGAIN)
    if brief.brief_hash != order.brief_hash:
        raise damaged(storage, path, f"its content has the hash {brief.brief_hash}", remedy=GIVE_AGAIN)
    return brief


def studio_of(storage: Storage, order: Order) -> StudioLatitudes:
    """The studio's latitudes that an order's brief was accepted under: they bound its retries and redos to its end,
    whatever ``studio.yaml`` says by then. So what was ordered can be planned again, on any machine.

    Raises:
        StorageError: they are damaged.
    """
    path = _brief_path(order.brief, order.brief_hash, STUDIO)
    return read_record(storage, path, StudioLatitudes, remedy=GIVE_AGAIN) if storage.exists(path) else UNBOUND


def _brief_path(brief_id: str, brief_hash: str, suffix: str) -> str:
    return f"briefs/{brief_id}/{brief_hash}.{suffix}"


def _order_path(key: str) -> str:
    return f"orders/{key}.json"


def _read_order(storage: Storage, key: str) -> Order:
    path = _order_path(key)
    order = read_record(storage, path, Order, remedy=GIVE_AGAIN)
    if order.key != key:
        raise damaged(storage, path, f"it holds the order {order.key}", remedy=GIVE_AGAIN)
    return order
