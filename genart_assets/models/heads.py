"""Heads: a linear layer, or several, from a CLIP image embedding to one number.

The layout is a directory of two files. ``head.safetensors`` has ``weight.0 [out, in]``, ``bias.0 [out]`` and so on, up
to one output; ``config.json`` is a ``HeadConfig``. LAION's aesthetic predictors fit it, in the unit ``rating``: the
first has one layer, the improved one five without an activation between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from genart_assets.errors import ModelError
from genart_assets.models.fitted import CONFIG, FittedConfig, read_fitted, require_shape, save_fitted

FILE = "head.safetensors"
Matrix = npt.NDArray[np.float32]


class HeadConfig(FittedConfig):
    unit: Literal["rating", "probability"] = Field(
        description="rating: the output as it is, 1 to 10 with LAION's; probability: its logistic function, 0 to 1"
    )
    layers: Annotated[int, Field(ge=1, le=16)] = 1
    activation: Literal["none", "relu"] = Field(default="none", description="between the layers")


@dataclass(frozen=True)
class Head:
    config: HeadConfig
    weights: tuple[Matrix, ...]
    """``float32 [out, in]`` each."""
    biases: tuple[npt.NDArray[np.float32], ...]
    """``float32 [out]`` each."""
    digest: str
    """SHA-256 of the head: which one made a score."""

    def predict(self, embeddings: Matrix) -> npt.NDArray[np.float64]:
        """One number in the head's unit for each row of ``float32 [n, dim]``; computed alone, in float64."""
        return np.array([self._of_one(row.astype(np.float64)) for row in embeddings], dtype=np.float64)

    def _of_one(self, row: npt.NDArray[np.float64]) -> float:
        for k, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            if k and self.config.activation == "relu":
                row = np.maximum(row, 0)
            row = weight.astype(np.float64) @ row + bias
        value = float(row[0])
        return float(0.5 * (1 + np.tanh(value / 2))) if self.config.unit == "probability" else value


def save_head(folder: Path, config: HeadConfig, weights: Sequence[Matrix], biases: Sequence[Matrix]) -> None:
    """Write a head into a directory, durably.

    Raises:
        InputError: the directory holds another one already. StorageError: the disk refuses.
    """
    layers = list(zip(weights, biases, strict=True))
    tensors = {f"weight.{k}": weight.astype(np.float32) for k, (weight, _) in enumerate(layers)}
    tensors |= {f"bias.{k}": bias.astype(np.float32) for k, (_, bias) in enumerate(layers)}
    save_fitted(folder, FILE, config, tensors)


def load_head(folder: Path, clip_snapshot: str) -> Head:
    """The head in a directory, for embeddings of the CLIP model ``clip_snapshot``.

    Raises:
        ModelError: it is missing, damaged, of other shapes than its config says, or for another CLIP model.
    """
    config, tensors, digest = read_fitted(folder, FILE, HeadConfig, clip_snapshot)
    weights: list[Matrix] = []
    biases: list[npt.NDArray[np.float32]] = []
    width = config.dim
    for k in range(config.layers):
        bias = tensors.get(f"bias.{k}", np.zeros(0, np.float32))
        out = 1 if k == config.layers - 1 else bias.size
        weights.append(require_shape(folder, tensors, f"weight.{k}", (out, width)))
        biases.append(require_shape(folder, tensors, f"bias.{k}", (out,)))
        width = out
    if len(tensors) != 2 * config.layers:
        raise ModelError(
            f"{folder}: {FILE} has {len(tensors)} tensors, {config.layers} layers have {2 * config.layers}",
            remedy=f"correct layers in {CONFIG}",
        )
    return Head(config=config, weights=tuple(weights), biases=tuple(biases), digest=digest)
