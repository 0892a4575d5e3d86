"""The catalogue of accepted briefs: what was ordered, and which batches that means."""

from __future__ import annotations

import re

from pydantic import Field, ValidationError

from genart_assets.errors import InputError, StorageError
from genart_assets.records.base import ORDER_KEY_PATTERN, Record
from genart_assets.records.brief import Brief
from genart_assets.records.plan import BATCH_ROWS, Batch
from genart_assets.records.studio import UNBOUND, StudioLatitudes
from genart_assets.stages.briefs.control_images import store_controls
from genart_assets.stages.briefs.references import store_references
from genart_assets.stages.briefs.start_pictures import store_starts
from genart_assets.stages.planning.plan import batch_at, batches_of, plan_digest
from genart_assets.storage.root import Storage

_KEY = re.compile(
    r"(?P<order>(?P<brief>[a-z0-9][a-z0-9-]{0,63})\.[0-9a-f]{10})\.r(?P<round>\d{1,3})\.(?P<index>\d{4,7})"
)

STUDIO = "studio.json"
"""What the name of the studio's latitudes ends in, beside the brief."""


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


class RoundRecord(Record):
    """A retry round that is planned; its rows lie beside it, in a table of ``schemas.RETRIES``."""

    rows: int = Field(ge=0, description="retries")
    exhausted: tuple[int, ...] = Field(default=(), description="failed slots for which no move was left")
    refused: dict[str, str] = Field(
        default_factory=dict, description="moves that would have left the latitudes, with the first way in which"
    )


def round_path(order_key: str, round_: int, suffix: str = "json") -> str:
    return f"rounds/{order_key}.r{round_}.{suffix}"


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
    order = Order(
        brief=brief.brief,
        brief_hash=brief.brief_hash,
        model=brief.model,
        model_snapshot=snapshot_id,
        batch_rows=batch_rows,
    )
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


def batch_of(storage: Storage, key: str) -> Batch:
    """The batch with a partition key.

    Raises:
        InputError: no batch key, or none of an accepted brief.
    """
    parts = _KEY.fullmatch(key)
    if parts is None:
        raise InputError(f"{key!r} is no batch key", remedy="batch keys look like spring-market.0123456789.r0.0000")
    if not storage.exists(_order_path(parts["order"])):
        raise InputError(f"no brief was accepted for batch {key}", remedy="run its brief, or drop it into the inbox")
    order = _read_order(storage, parts["order"])
    brief = _read_brief(storage, order.brief, order.brief_hash)
    round_, index = int(parts["round"]), int(parts["index"])
    rows = rows_of_round(storage, brief, order, round_)
    count = -(-rows // order.batch_rows)
    batch = batch_at(brief, order.model_snapshot, order.batch_rows, index, round_, rows) if index < count else None
    if batch is None or batch.key != key:
        known = f"its batches are {order.key}.r{round_}.0000 to {order.key}.r{round_}.{count - 1:04d}"
        raise InputError(
            f"brief {order.brief} has no batch {key}",
            remedy=known if count else f"round {round_} of this brief is not planned",
        )
    return batch


def rows_of_round(storage: Storage, brief: Brief, order: Order, round_: int) -> int:
    """Planned images of a round: every slot in round 0, the retries in later ones; 0 where it is not planned."""
    if round_ == 0:
        return brief.slot_count
    return round_record(storage, order.key, round_).rows if storage.exists(round_path(order.key, round_)) else 0


def round_record(storage: Storage, order_key: str, round_: int) -> RoundRecord:
    """What is told of a retry round that is planned."""
    return RoundRecord.model_validate_json(storage.read(round_path(order_key, round_)))


def order_at(storage: Storage, key: str) -> Order:
    """The order with a key ``{brief}.{digest10}``.

    Raises:
        InputError: no such brief was accepted.
    """
    if not re.fullmatch(ORDER_KEY_PATTERN, key) or not storage.exists(_order_path(key)):
        raise InputError(f"no brief was accepted as {key!r}", remedy="run its brief, or drop it into the inbox")
    return _read_order(storage, key)


def brief_of(storage: Storage, batch: Batch) -> Brief:
    """The brief that a batch was cut from.

    Raises:
        StorageError: it is missing, damaged, or not the one that was accepted.
    """
    return _read_brief(storage, batch.brief, batch.brief_hash)


def read_brief_of(storage: Storage, order: Order) -> Brief:
    """The brief of an order, as ``brief_of``."""
    return _read_brief(storage, order.brief, order.brief_hash)


def studio_of(storage: Storage, order: Order) -> StudioLatitudes:
    """The studio's latitudes that an order's brief was accepted under: they bound its retries and redos to its end,
    whatever ``studio.yaml`` says by then. So what was ordered can be planned again, on any machine.

    Raises:
        StorageError: they are damaged.
    """
    path = _brief_path(order.brief, order.brief_hash, STUDIO)
    try:
        return StudioLatitudes.model_validate_json(storage.read(path)) if storage.exists(path) else UNBOUND
    except ValidationError as error:
        raise _damaged(storage, path, str(error)) from error


def _brief_path(brief_id: str, brief_hash: str, suffix: str) -> str:
    return f"briefs/{brief_id}/{brief_hash}.{suffix}"


def _order_path(key: str) -> str:
    return f"orders/{key}.json"


def _read_order(storage: Storage, key: str) -> Order:
    path = _order_path(key)
    try:
        order = Order.model_validate_json(storage.read(path))
    except ValidationError as error:
        raise _damaged(storage, path, str(error)) from error
    if order.key != key:
        raise _damaged(storage, path, f"it holds the order {order.key}")
    return order


def _read_brief(storage: Storage, brief_id: str, brief_hash: str) -> Brief:
    path = _brief_path(brief_id, brief_hash, "json")
    try:
        brief = Brief.model_validate_json(storage.read(path))
    except ValidationError as error:
        raise _damaged(storage, path, str(error)) from error
    if brief.brief_hash != brief_hash:
        raise _damaged(storage, path, f"its content has the hash {brief.brief_hash}")
    return brief


def _damaged(storage: Storage, path: str, why: str) -> StorageError:
    return StorageError(
        f"{storage.root}/{path} is damaged: {why}", remedy="delete the file and give the brief again; it is rewritten"
    )
