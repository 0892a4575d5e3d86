"""A house style as one vector: the mean direction of the CLIP embeddings of pictures that have it.

A directory of ``centroid.safetensors`` with ``centroid [dim]`` and of ``config.json``, a ``FittedConfig``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genart_assets.errors import ModelError
from genart_assets.models.fitted import FittedConfig, read_fitted, require_shape, save_fitted

FILE = "centroid.safetensors"


@dataclass(frozen=True)
class HouseStyle:
    centroid: npt.NDArray[np.float64]
    """``float64 [dim]``, of length 1."""
    digest: str
    """SHA-256 of centroid and config."""


def centroid_of(embeddings: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """The mean direction, ``float64 [dim]`` of length 1, of embeddings ``float32 [n, dim]`` of length 1.

    Raises:
        ModelError: an embedding is not finite, there is none, or they cancel out.
    """
    mean = embeddings.astype(np.float64).sum(axis=0)
    length = float(np.linalg.norm(mean))
    if not length > 0:
        raise ModelError(
            f"{len(embeddings)} reference embeddings have no mean direction",
            remedy="give pictures that the CLIP model can embed",
        )
    return mean / length


def save_house_style(folder: Path, clip_snapshot: str, centroid: npt.NDArray[np.floating]) -> None:
    """Write a house style into a directory, durably.

    Raises:
        InputError: the directory holds another one already. StorageError: the disk refuses.
    """
    config = FittedConfig(clip_snapshot=clip_snapshot, dim=len(centroid))
    save_fitted(folder, FILE, config, {"centroid": centroid.astype(np.float32)})


def load_house_style(folder: Path, clip_snapshot: str) -> HouseStyle:
    """The house style in a directory, for embeddings of the CLIP model ``clip_snapshot``.

    Raises:
        ModelError: it is missing, damaged, of no length, or for another CLIP model.
    """
    config, tensors, digest = read_fitted(folder, FILE, FittedConfig, clip_snapshot)
    centroid = require_shape(folder, tensors, "centroid", (config.dim,))
    return HouseStyle(centroid=centroid_of(centroid[np.newaxis]), digest=digest)
