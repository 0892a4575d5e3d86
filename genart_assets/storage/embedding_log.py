"""The embeddings of selected images, by CLIP snapshot: a numbered log of segments, one a batch, none ever changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import Field

from genart_assets.errors import GenartError, StorageError
from genart_assets.records.base import Record, sha256_hex
from genart_assets.storage.root import Storage

ID_BYTES = 64
_SUFFIX = ".safetensors"
_KEY = "genart"  # one key only: safetensors writes several in random order
_READERS = 16


class SegmentHeader(Record):
    """What a segment says of itself."""

    batch: str
    ids: tuple[str, ...] = Field(description="recipe ids of its rows, in order")


@dataclass(frozen=True)
class Segment:
    """The selected images of one batch."""

    batch: str
    ids: tuple[str, ...]
    slots: npt.NDArray[np.int64]
    """Slot index of each row, ``[n]``."""
    vectors: npt.NDArray[np.float32]
    """Image embeddings ``[n, d]``, of length 1."""
    sha256: str = ""
    """Of the stored file; empty before it is stored."""


class EmbeddingLog:
    """Segments 0, 1, 2, … of one CLIP snapshot, each under a name that is taken once.

    Who appends gives the number that follows all the segments that it has seen. If another was faster, nothing is
    written: it looks at the new segment and tries again. So every batch is compared with all batches before it, also
    where several are judged at the same time.
    """

    def __init__(self, storage: Storage, clip_snapshot: str) -> None:
        self.storage = storage
        self.folder = f"embedding_index/{clip_snapshot}"

    def count(self) -> int:
        """Segments that are stored. StorageError if one of them is missing."""
        names = [name for name in self.storage.names(self.folder) if name.endswith(_SUFFIX)]
        if names and names != [_name(k) for k in range(len(names))]:
            missing = next(k for k, name in enumerate(names) if name != _name(k))
            raise StorageError(
                f"{self.storage.root}/{self.folder}/{_name(missing)} is missing",
                remedy="restore the file from a backup, or remove that folder and run `genart index`",
            )
        return len(names)

    def append(self, number: int, segment: Segment) -> bool:
        """Store a segment under ``number``, durably. False, and nothing stored, if the number is taken."""
        return self.storage.write_once(f"{self.folder}/{_name(number)}", _encode(segment))

    def read(self, number: int) -> Segment:
        """A stored segment. StorageError if it is missing or damaged."""
        place = f"{self.folder}/{_name(number)}"
        data = self.storage.read(place)
        try:
            return _decode(data)
        except Exception as error:  # whatever the reader raises, the file is the reason
            raise StorageError(
                f"{self.storage.root}/{place} is damaged: {error}",
                remedy="restore the file from a backup, or remove its folder and run `genart index`",
            ) from error

    def stream(self, first: int, last: int) -> Iterator[Segment]:
        """Segments ``first`` to ``last - 1``, in order, read ahead a few at a time."""
        with ThreadPoolExecutor(_READERS) as readers:
            for start in range(first, last, _READERS):
                yield from readers.map(self.read, range(start, min(start + _READERS, last)))


def _name(number: int) -> str:
    return f"{number:08d}{_SUFFIX}"


def _encode(segment: Segment) -> bytes:
    from safetensors.numpy import save

    rows = len(segment.ids)
    vectors = np.ascontiguousarray(segment.vectors, dtype=np.float32)
    if len(vectors) != rows or len(segment.slots) != rows:
        raise GenartError(f"{rows} ids, {len(segment.slots)} slots and {len(vectors)} embeddings make no segment")
    if not np.isfinite(vectors).all():
        raise GenartError(f"a selected image of batch {segment.batch} has an embedding that is not finite")
    if long := [id for id in segment.ids if len(id.encode()) > ID_BYTES]:
        raise GenartError(f"recipe id {long[0]!r} has more than {ID_BYTES} bytes")
    tensors = {"embedding": vectors, "slot": np.asarray(segment.slots, dtype=np.int64)} if rows else {}
    header = SegmentHeader(batch=segment.batch, ids=segment.ids)
    return save(tensors, metadata={_KEY: header.canonical()})


def _decode(data: bytes) -> Segment:
    from safetensors.numpy import load

    length = int.from_bytes(data[:8], "little")
    header = SegmentHeader.model_validate_json(json.loads(data[8 : 8 + length])["__metadata__"][_KEY])
    tensors = load(data)
    vectors = tensors["embedding"] if header.ids else np.zeros((0, 0), np.float32)
    slots = tensors["slot"] if header.ids else np.zeros(0, np.int64)
    if vectors.dtype != np.float32 or vectors.ndim != 2 or not len(vectors) == len(slots) == len(header.ids):
        raise ValueError(f"{len(header.ids)} ids, {slots.shape} slots, {vectors.dtype} {vectors.shape} embeddings")
    return Segment(header.batch, header.ids, slots, vectors, sha256_hex(data))
