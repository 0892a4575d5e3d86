"""The selected images of all briefs, as one batch is compared with them, and how a batch joins them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from genart_assets.critics.protocol import Scope
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.brief import Brief
from genart_assets.records.decision import Reviewed
from genart_assets.records.plan import Batch, order_of
from genart_assets.starter.shipped import SHIPPED_CLIP
from genart_assets.storage.embedding_cache import EmbeddingCache, Embeddings
from genart_assets.storage.embedding_log import EmbeddingLog, Segment
from genart_assets.storage.nearest import Neighbour, nearest
from genart_assets.storage.root import Storage
from genart_assets.storage.tensors import StoredTensors, TensorStore

Vectors = npt.NDArray[np.float32]


class SelectedBefore:
    """The selected images of every batch that joined before this one did; of all batches while it has not.

    Not compared with: the batch's own images (`near_duplicate` does that), other attempts of the same slot of the same
    order, and other orders of the same brief id, which are other versions of the same brief. Images that failed their
    gate never joined. ``slots`` maps the batch's recipe ids to slot indices.
    """

    def __init__(self, storage: Storage, clip_snapshot: str, batch: str, slots: Mapping[str, int]) -> None:
        self._log = EmbeddingLog(storage, clip_snapshot)
        self._cache = EmbeddingCache(self._log)
        self._batch, self._slots = batch, slots
        self._seen: Embeddings | None = None

    def nearest(self, ids: Sequence[str], vectors: Vectors, within: Scope, floor: float) -> list[Neighbour | None]:
        """The nearest selected image of each of the batch's ``ids``, with embeddings ``[n, d]``; None below ``floor``.

        Answers from the first call's segments until `joins` finds that others joined meanwhile.
        """
        seen = self._look()
        own = np.zeros(len(seen.batches), bool)
        spans: list[tuple[int, int]] = []
        for k, batch in enumerate(seen.batches[: self._number(seen)]):
            own[k] = order_of(batch) == order_of(self._batch)
            if own[k] or (within == "catalogue" and _brief(batch) != _brief(self._batch)):
                first, end = int(seen.starts[k]), int(seen.starts[k + 1])
                joined = spans and spans[-1][1] == first
                spans.append((spans.pop()[0], end) if joined else (first, end))
        slots = np.array([self._slots[id] for id in ids], dtype=np.int64)

        def same_slot(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_] | None:
            of_order = own[np.searchsorted(seen.starts, rows, side="right") - 1]
            return of_order[:, None] & (seen.slots[rows][:, None] == slots) if of_order.any() else None

        return nearest(vectors, seen, spans, floor, same_slot)

    def joins(self, ids: Sequence[str], vectors: Vectors) -> bool:
        """The batch's selected images join, durably, unless others joined since `nearest` looked: then False.

        A batch joins once: where it did before, nothing is written.
        """
        if self.has_joined():
            return True
        slots = np.array([self._slots[id] for id in ids], dtype=np.int64)
        if self._log.append(len(self._look().batches), Segment(self._batch, tuple(ids), slots, vectors)):
            return True
        self._seen = None
        return False

    def has_joined(self) -> bool:
        seen = self._look()
        return self._number(seen) < len(seen.batches)

    def _look(self) -> Embeddings:
        if self._seen is None:
            self._seen = self._cache.refresh()
        return self._seen

    def _number(self, seen: Embeddings) -> int:
        """The batch's own segment, or the next that is free."""
        return seen.batches.index(self._batch) if self._batch in seen.batches else len(seen.batches)


def selected_before(storage: Storage, clip_model: str, batch: Batch, slots: Mapping[str, int]) -> SelectedBefore:
    """What a batch is compared with, in the space of a CLIP critic as its files are now."""
    return SelectedBefore(storage, _snapshot_id(clip_model), batch.key, slots)


def embedded_rows(embeddings: StoredTensors, ids: Sequence[str] | None = None) -> tuple[tuple[str, ...], Vectors]:
    """Those of ``ids`` that have an embedding, by default all, and the embeddings ``float32 [n, d]``."""
    there = set(embeddings.ids)
    chosen = tuple(id for id in (embeddings.ids if ids is None else ids) if id in there)
    return chosen, embeddings.take(chosen)["embedding"].numpy() if chosen else np.zeros((0, 1), np.float32)


def join_accepted(storage: Storage, brief: Brief, settlement: str, accepted: Sequence[Reviewed]) -> bool:
    """What people accepted joins under its settlement's key, since later images may not repeat it either.

    Whether it was new: a settlement joins once, and one without images does not.
    """
    slots = {image.recipe_id: image.slot_index for image in accepted}
    found: list[tuple[tuple[str, ...], Vectors]] = []
    for batch in dict.fromkeys(image.batch for image in accepted):
        stored = TensorStore(storage, "image_embeddings", batch).open()
        found.append(embedded_rows(stored, [image.recipe_id for image in accepted if image.batch == batch]))
    ids = [id for some, _ in found for id in some]
    segment = SelectedBefore(storage, _snapshot_id(brief.style_guide.clip_model), f"{settlement}.accepted", slots)
    if not ids or segment.has_joined():
        return False
    vectors = np.concatenate([vectors for some, vectors in found if some])
    while not segment.joins(ids, vectors):
        pass
    return True


def _snapshot_id(clip_model: str) -> str:
    return take_snapshot(clip_model, SHIPPED_CLIP).snapshot_id


def _brief(batch: str) -> str:
    return batch.partition(".")[0]
