"""Embeddings with the shape of a studio's catalogue: clusters around a common direction, and near copies of some."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from genart_assets.storage.coarse import COLUMNS, coarse_of, fit_basis
from genart_assets.storage.embedding_cache import Embeddings
from genart_assets.storage.embedding_log import Segment

Vectors = npt.NDArray[np.float32]


def unit(vectors: npt.NDArray[np.floating]) -> Vectors:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


class Clusters:
    """Draws embeddings ``[n, d]`` of length 1 whose variance falls as 1/k**decay along the axes; 0 is white noise."""

    def __init__(self, d: int, decay: float, clusters: int = 20_000, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        scale = np.arange(1, d + 1) ** (-decay / 2)
        self._scale = (scale / np.linalg.norm(scale)).astype(np.float32)
        self._common = np.zeros(d, np.float32)
        self._common[d // 2] = 0.8 if decay else 0.0
        self._centres = self._noise(clusters)

    def draw(self, n: int) -> Vectors:
        centres = self._centres[self._random.integers(0, len(self._centres), n)]
        return unit(self._common + 0.75**0.5 * centres + 0.5 * self._noise(n))

    def near_copies(self, vectors: Vectors, least: float = 0.9) -> Vectors:
        """Each of ``vectors`` turned by a random direction, to a cosine between ``least`` and 1."""
        cosines = self._random.uniform(least, 1, (len(vectors), 1))
        noise = self._random.standard_normal(vectors.shape)
        across = unit(noise - (noise * vectors).sum(axis=1, keepdims=True) * vectors)
        return unit(cosines * vectors + np.sqrt(1 - cosines**2) * across)

    def _noise(self, n: int) -> Vectors:
        return self._random.standard_normal((n, len(self._scale)), dtype=np.float32) * self._scale


def recipe_ids(n: int) -> tuple[str, ...]:
    return tuple(f"{k:064x}" for k in range(n))


def in_memory(vectors: Vectors, ids: tuple[str, ...] | None = None, *, coarse: bool = True) -> Embeddings:
    """As the cache gives them, in one segment."""
    basis = fit_basis(vectors[:: max(1, len(vectors) // 20_000)]) if coarse else None
    short = np.empty((len(vectors), COLUMNS), np.float32) if coarse else None
    for first in range(0, len(vectors) if coarse else 0, 16_384):
        short[first : first + 16_384] = coarse_of(vectors[first : first + 16_384], basis)
    return Embeddings(
        batches=("one.0123456789.r0.0000",),
        starts=np.array([0, len(vectors)]),
        vectors=vectors,
        ids=np.array(recipe_ids(len(vectors)) if ids is None else ids, dtype="S64"),
        slots=np.arange(len(vectors)),
        basis=basis,
        coarse=short,
    )


def segment(batch: str, vectors: Vectors, first: int = 0) -> Segment:
    """Rows ``first``, ``first + 1``, … of a catalogue, as one batch."""
    ids = tuple(f"{k:064x}" for k in range(first, first + len(vectors)))
    return Segment(batch, ids, np.arange(first, first + len(vectors)), vectors)
