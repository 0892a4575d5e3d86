"""Makes the index of selected images again, from what is stored."""

from __future__ import annotations

from collections.abc import Callable

from genart_assets.records.plan import Batch
from genart_assets.stages.judging.selected_before import embedded_rows, join_accepted, selected_before
from genart_assets.stages.planning.catalogue import order_keys
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.reviewing.settlements import settlement_key, settlements_of
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets.storage.tensors import TensorStore


def index_stored(storage: Storage, progress: Callable[[str], None] = lambda _: None) -> int:
    """Let every judged batch join that has not, order by order, and what people accepted; how many did.

    For storages that are older than the index, or whose index was removed. The CLIP critic is that which the brief's
    ``clip_model`` names now: embeddings of other weights must not be stored under that name.
    """
    joined = 0
    for key in order_keys(storage):
        book = OrderBook.open(storage, key)
        for batch in book.all_batches():
            joined += _index(storage, book.brief.style_guide.clip_model, batch)
            progress(batch.key)
        for number, settled in enumerate(settlements_of(storage, key)):
            joined += join_accepted(storage, book.brief, settlement_key(key, number), settled.accepted)
    return joined


def _index(storage: Storage, clip_model: str, batch: Batch) -> int:
    verdicts = TableStore(storage, "verdicts", batch.key)
    embeddings = TensorStore(storage, "image_embeddings", batch.key)
    if not verdicts.sealed() or not embeddings.sealed():
        return 0
    plan = TableStore(storage, "generation_plan", batch.key).read()
    judged = verdicts.read()
    passed = [str(id) for id in judged.loc[judged["passed"].astype(bool) & judged["held"].isna(), "recipe_id"]]
    slots = {str(id): int(slot) for id, slot in zip(plan["recipe_id"], plan["slot_index"], strict=True)}
    before = selected_before(storage, clip_model, batch, slots)
    if before.has_joined():
        return 0
    while not before.joins(*embedded_rows(embeddings.open(), passed)):
        pass
    return 1
