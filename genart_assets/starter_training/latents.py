"""Encodes renderings to latents once: every seen pair on every background, at a few places and sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genart_assets.starter_training.autoencoder import encode
from genart_assets.starter_training.icons import Icons
from genart_assets.starter_training.renderings import Jitter, place_icons
from genart_assets.starter_training.vocabulary import Pair

if TYPE_CHECKING:
    import torch

JITTER = Jitter()
VARIANTS = 3
SEED = 21
ROWS = 64


@dataclass(frozen=True)
class CachedLatents:
    """``values[pair, variant, background]`` is ``float32 [16, 8, 8]``, scaled to a standard deviation of 1."""

    pairs: tuple[Pair, ...]
    backgrounds: tuple[str, ...]
    values: torch.Tensor
    scaling_factor: float

    def save(self, file: Path) -> None:
        """Write the latents as safetensors."""
        from safetensors.torch import save_file

        save_file({"values": self.values}, file, {"scaling_factor": repr(self.scaling_factor)})

    @classmethod
    def load(cls, file: Path, pairs: Sequence[Pair], backgrounds: Sequence[str]) -> CachedLatents:
        """Read what `save` wrote, for the same pairs and backgrounds."""
        from safetensors import safe_open

        with safe_open(file, "pt") as held:
            factor = float(held.metadata()["scaling_factor"])
            return cls(tuple(pairs), tuple(backgrounds), held.get_tensor("values"), factor)


def encode_renderings(
    vae: Any,
    icons: Icons,
    pairs: Sequence[Pair],
    backgrounds: dict[str, tuple[int, int, int]],
    progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    variants: int = VARIANTS,
    scaling_factor: float | None = None,
) -> CachedLatents:
    """Encode ``variants`` placings of each pair over each background; the default factor is 1 / their deviation."""
    import torch

    placed = place_icons(icons, pairs, variants, JITTER, SEED)
    colours = np.asarray(list(backgrounds.values()))
    wanted = np.indices((len(pairs), variants, len(colours))).reshape(3, -1)
    encoded: list[torch.Tensor] = []
    for start in range(0, wanted.shape[1], ROWS):
        row, variant, background = wanted[:, start : start + ROWS]
        encoded.append(encode(vae, placed.over(row, variant, colours[background])))
        progress(min(start + ROWS, wanted.shape[1]), wanted.shape[1])
    values = torch.cat(encoded)
    factor = scaling_factor or float(1 / values.std())
    shape = (len(pairs), variants, len(colours), *values.shape[1:])
    return CachedLatents(tuple(pairs), tuple(backgrounds), (values * factor).reshape(shape), factor)
