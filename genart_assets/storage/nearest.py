"""The nearest stored embedding of each of some embeddings, found exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genart_assets.storage.coarse import coarse_of
from genart_assets.storage.embedding_cache import Embeddings

BLOCK = 16_384
"""Rows compared at a time: many, since the cores meet after each product; 16 MB of products for 256 queries."""
QUERIES = 256
PAIRS = 8192
MARGIN = 1e-4
"""Above what float32 rounds away in a cosine; a pair is dismissed only below its limit by so much."""

Rows = npt.NDArray[np.int64]
Hidden = Callable[[Rows], "npt.NDArray[np.bool_] | None"]
"""Which pairs do not count: from rows ``[r]`` to ``bool [r, q]``, or None for none."""


@dataclass(frozen=True)
class Neighbour:
    cosine: float
    recipe_id: str


def nearest(
    queries: npt.NDArray[np.float32],
    stored: Embeddings,
    spans: Sequence[tuple[int, int]],
    floor: float,
    hidden: Hidden = lambda _: None,
) -> list[Neighbour | None]:
    """The stored row with the largest cosine to each of ``queries`` ``[q, d]``, all of length 1; None below ``floor``.

    Only rows in ``spans`` (first, end) are looked at, less the ``hidden`` pairs. Of equal cosines the smallest recipe
    id counts. float32 products only dismiss; what is left is multiplied in float64, pair by pair: a cosine's bits
    depend on its two vectors alone. The time grows with the rows that the coarse form cannot dismiss, so with a lower
    floor.
    """
    found: list[Neighbour | None] = []
    for start in range(0, len(queries), QUERIES):
        chosen = slice(start, start + QUERIES)
        search = _Search(np.ascontiguousarray(queries[chosen]), stored, floor)
        for rows in search.near(spans):
            search.look(rows, _columns(hidden(rows), chosen))
        found += search.found()
    return found


class _Search:
    """The best pair so far of each query."""

    def __init__(self, queries: npt.NDArray[np.float32], stored: Embeddings, floor: float) -> None:
        self._queries, self._stored, self._floor = queries, stored, floor
        self._best = np.full(len(queries), -np.inf)
        self._row = np.full(len(queries), -1, dtype=np.int64)

    def near(self, spans: Sequence[tuple[int, int]]) -> Iterator[Rows]:
        """The rows that the coarse form does not dismiss for every query, many at a time: small products are slow."""
        waiting: list[Rows] = []
        for rows in self._undismissed(spans):
            waiting.append(rows)
            if sum(map(len, waiting)) >= BLOCK:
                yield np.concatenate(waiting)
                waiting = []
        if any(map(len, waiting)):
            yield np.concatenate(waiting)

    def _undismissed(self, spans: Sequence[tuple[int, int]]) -> Iterator[Rows]:
        coarse, basis = self._stored.coarse, self._stored.basis
        if coarse is None or basis is None:
            yield from (np.arange(first, end) for first, end in _blocks(spans))
            return
        queries = coarse_of(self._queries, basis).T
        products = np.empty((BLOCK, len(self._queries)), np.float32)
        reached = np.empty(products.shape, bool)
        for first, end in _blocks(spans):
            rows = end - first
            np.matmul(coarse[first:end], queries, out=products[:rows])
            np.greater_equal(products[:rows], self._limit(), out=reached[:rows])
            yield first + np.flatnonzero(reached[:rows].any(axis=1))

    def _limit(self) -> npt.NDArray[np.float32]:
        """What a product in float32 must reach to be looked at, for each query."""
        return (np.maximum(self._floor, self._best) - MARGIN).astype(np.float32)

    def look(self, rows: Rows, mask: npt.NDArray[np.bool_] | None) -> None:
        """Take ``rows`` into account, less the pairs that ``mask`` hides."""
        rough = self._stored.vectors[rows] @ self._queries.T
        if mask is not None:
            rough[mask] = -np.inf
        at, query = np.nonzero(rough >= np.maximum(self._limit(), rough.max(axis=0) - MARGIN))
        for start in range(0, len(at), PAIRS):
            some = slice(start, start + PAIRS)
            self._weigh(rows[at[some]], query[some])

    def _weigh(self, rows: Rows, query: Rows) -> None:
        cosines = row_cosines(self._stored.vectors[rows], self._queries[query])
        ids = self._stored.ids
        for row, k, cosine in zip(rows.tolist(), query.tolist(), cosines.tolist(), strict=True):
            best = self._best[k]
            if cosine > best or (cosine == best and ids[row] < ids[self._row[k]]):
                self._best[k], self._row[k] = cosine, row

    def found(self) -> list[Neighbour | None]:
        return [
            Neighbour(float(cosine), self._stored.ids[row].decode()) if cosine >= self._floor else None
            for cosine, row in zip(self._best, self._row, strict=True)
        ]


def row_cosines(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Cosines of the rows of ``a`` with those of ``b``, ``[n, d]`` each, of length 1, in float64."""
    return (a.astype(np.float64) * b.astype(np.float64)).sum(axis=1)


def _blocks(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for first, end in spans:
        for start in range(first, end, BLOCK):
            yield start, min(start + BLOCK, end)


def _columns(mask: npt.NDArray[np.bool_] | None, chosen: slice) -> npt.NDArray[np.bool_] | None:
    return None if mask is None else mask[:, chosen]
