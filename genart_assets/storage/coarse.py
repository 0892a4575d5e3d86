"""A short form of embeddings that bounds every cosine from above, so that most rows need no closer look."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

COLUMNS = 96
"""Width of the coarse form: the projections, and the length of the rest."""

Matrix = npt.NDArray[np.float32]


def fit_basis(vectors: Matrix) -> Matrix:
    """Orthonormal directions ``[d, COLUMNS - 1]`` that hold most of the rows ``[n, d]``: uncentred principal ones.

    Any orthonormal basis gives right answers. This one gives them soon.
    """
    moment = vectors.astype(np.float64).T @ vectors.astype(np.float64)
    _, directions = np.linalg.eigh(moment)
    return np.ascontiguousarray(directions[:, ::-1][:, : COLUMNS - 1], dtype=np.float32)


def coarse_of(vectors: Matrix, basis: Matrix) -> Matrix:
    """``[n, d]`` of length 1 to ``[n, COLUMNS]``: the projections P, and the length of what they leave.

    x·y = Px·Py + rest(x)·rest(y) ≤ Px·Py + |rest(x)| |rest(y)| (Cauchy–Schwarz): the product of two coarse rows is
    never below their cosine, rounding (about 1e-6) aside.
    """
    projected = vectors @ basis
    rest = np.linalg.norm(vectors - projected @ basis.T, axis=1, keepdims=True)  # 1 - |Px|² would lose its last digits
    return np.concatenate([projected, rest], axis=1).astype(np.float32)
