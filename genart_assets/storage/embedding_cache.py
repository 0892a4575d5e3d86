"""The embedding log in one piece on the local disk, memory-mapped, for searching."""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationError

from genart_assets.errors import StorageError
from genart_assets.records.base import Record
from genart_assets.storage.cache_folder import cache_folder
from genart_assets.storage.coarse import COLUMNS, coarse_of, fit_basis
from genart_assets.storage.embedding_log import ID_BYTES, EmbeddingLog, Segment
from genart_assets.storage.remedies import explained

COARSE_FROM = 20_000
"""Rows from which the coarse form pays; fewer are compared in full."""
REFIT_AT = 4
"""The coarse form is fitted anew when there are so many times the rows that it was fitted to."""
_BLOCK = 16_384
_SAMPLE = 20_000
_STATE, _VECTORS, _IDS, _SLOTS = "state.json", "vectors.f32", "ids.bytes", "slots.i64"


class CacheState(Record):
    """What the files hold. Written last, so that rows beyond it are none."""

    version: Literal[1] = 1
    dim: int = Field(default=0, description="d; 0 before the first row")
    batches: tuple[str, ...] = Field(default=(), description="of segments 0, 1, 2, …")
    counts: tuple[int, ...] = Field(default=(), description="rows of each segment")
    last_sha256: str = Field(default="", description="of the last segment's file")
    fitted_rows: int = Field(default=0, description="rows that the coarse form was fitted to; 0 without one")

    @property
    def rows(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Embeddings:
    """All rows of the log, read-only. Later segments do not change it."""

    batches: Sequence[str]
    """Batch of each segment."""
    starts: npt.NDArray[np.int64]
    """First row of each segment, and the end: ``[segments + 1]``."""
    vectors: npt.NDArray[np.float32]
    """``[n, d]``."""
    ids: npt.NDArray[np.bytes_]
    """Recipe ids ``[n]``, ASCII."""
    slots: npt.NDArray[np.int64]
    """``[n]``."""
    basis: npt.NDArray[np.float32] | None = None
    """``[d, COLUMNS - 1]``; None where the rows are few, or narrow."""
    coarse: npt.NDArray[np.float32] | None = None
    """``[n, COLUMNS]``, as `coarse_of`."""


class EmbeddingCache:
    """Copies what the log has and the cache lacks. It may be deleted at any time: it is made anew.

    In the storage's `cache_folder`. Disk: ``4 d + 72`` bytes a row, and 384 more for the coarse form; memory: what the
    system caches of it.
    """

    def __init__(self, log: EmbeddingLog) -> None:
        self._log = log
        self._folder = _folder(log)

    def refresh(self) -> Embeddings:
        """Every segment that is stored now. StorageError if one is missing, damaged or of another width."""
        with explained(f"keep the embedding cache in {self._folder}"), _locked(self._folder):
            state = self._state()
            count = self._log.count()
            if len(state.batches) > count or not self._is_of(state):
                state = self._emptied()
            if len(state.batches) < count:
                state = self._fitted(self._appended(state, count), state.rows)
                _keep(self._folder / _STATE, state.canonical().encode())
                self._drop_old_forms(state)
            return self._open(state)

    def _state(self) -> CacheState:
        try:
            return CacheState.model_validate_json((self._folder / _STATE).read_bytes())
        except (FileNotFoundError, ValidationError):
            return self._emptied()

    def _emptied(self) -> CacheState:
        """Files are removed and not cut: other processes may still read them."""
        for file in self._folder.glob("*.*"):
            file.unlink()
        return CacheState()

    def _is_of(self, state: CacheState) -> bool:
        """Whether the cache's last segment is the log's: another log may lie there now."""
        return not state.batches or self._log.read(len(state.batches) - 1).sha256 == state.last_sha256

    def _appended(self, state: CacheState, count: int) -> CacheState:
        """The state with the log's further segments, copied."""
        dim, rows, sha256 = state.dim, state.rows, state.last_sha256
        batches, counts = list(state.batches), list(state.counts)
        with (
            _appending(self._folder / _VECTORS, rows * dim * 4) as vectors,
            _appending(self._folder / _IDS, rows * ID_BYTES) as ids,
            _appending(self._folder / _SLOTS, rows * 8) as slots,
        ):
            for segment in self._log.stream(len(batches), count):
                dim = self._width(dim, segment)
                vectors.write(segment.vectors.tobytes())
                ids.write(np.array(segment.ids, dtype=f"S{ID_BYTES}").tobytes())
                slots.write(segment.slots.tobytes())
                batches.append(segment.batch)
                counts.append(len(segment.ids))
                sha256 = segment.sha256
        changes = {"dim": dim, "batches": tuple(batches), "counts": tuple(counts), "last_sha256": sha256}
        return state.model_copy(update=changes)

    def _width(self, dim: int, segment: Segment) -> int:
        found = segment.vectors.shape[1] if segment.ids else dim
        if dim and found != dim:
            raise StorageError(
                f"the embeddings of batch {segment.batch} in {self._log.folder} are {found} wide, others {dim}",
                remedy="remove that folder and run `genart index`: one CLIP snapshot has one width",
            )
        return found

    def _fitted(self, state: CacheState, rows_before: int) -> CacheState:
        """The state with the coarse form of the rows that lack it; of all of them, where it is fitted anew."""
        rows, fitted, start = state.rows, state.fitted_rows, rows_before
        if state.dim <= COLUMNS or rows < COARSE_FROM:
            return state
        vectors = self._map(_VECTORS, np.dtype(np.float32), (rows, state.dim))
        if rows >= REFIT_AT * fitted:
            fitted, start = rows, 0
            basis = io.BytesIO()
            np.save(basis, fit_basis(vectors[:: -(-rows // _SAMPLE)]))
            _keep(self._folder / _basis(fitted), basis.getvalue())
        basis = np.load(self._folder / _basis(fitted), allow_pickle=False)
        with _appending(self._folder / _coarse(fitted), start * COLUMNS * 4) as coarse:
            for first in range(start, rows, _BLOCK):
                coarse.write(coarse_of(vectors[first : first + _BLOCK], basis).tobytes())
        return state.model_copy(update={"fitted_rows": fitted})

    def _drop_old_forms(self, state: CacheState) -> None:
        for file in (*self._folder.glob(_basis("*")), *self._folder.glob(_coarse("*"))):
            if file.name not in (_basis(state.fitted_rows), _coarse(state.fitted_rows)):
                file.unlink()

    def _open(self, state: CacheState) -> Embeddings:
        rows, fitted = state.rows, state.fitted_rows
        return Embeddings(
            batches=state.batches,
            starts=np.concatenate([np.zeros(1, np.int64), np.cumsum(state.counts, dtype=np.int64)]),
            vectors=self._map(_VECTORS, np.dtype(np.float32), (rows, state.dim)),
            ids=self._map(_IDS, np.dtype(f"S{ID_BYTES}"), (rows,)),
            slots=self._map(_SLOTS, np.dtype(np.int64), (rows,)),
            basis=np.load(self._folder / _basis(fitted), allow_pickle=False) if fitted else None,
            coarse=self._map(_coarse(fitted), np.dtype(np.float32), (rows, COLUMNS)) if fitted else None,
        )

    def _map(self, name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
        if 0 in shape:
            return np.zeros(shape, dtype)
        return np.memmap(self._folder / name, dtype=dtype, mode="r", shape=shape)


def _basis(fitted: int | str) -> str:
    return f"basis-{fitted}.npy"


def _coarse(fitted: int | str) -> str:
    return f"coarse-{fitted}.f32"


def _folder(log: EmbeddingLog) -> Path:
    return cache_folder(log.storage) / log.folder


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    """One process at a time copies; the kernel drops a dead one's lock."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _appending(path: Path, size: int) -> Generator[BinaryIO]:
    """The file, cut to the ``size`` bytes that are known of it, to be appended to; synced at the end."""
    with open(path, "ab") as file:
        file.truncate(size)
        yield file
        file.flush()
        os.fsync(file.fileno())


def _keep(path: Path, data: bytes) -> None:
    """Put ``data`` in place of the file, synced."""
    new = path.with_name(f"new.{path.name}")
    with open(new, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
