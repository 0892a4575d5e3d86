"""Trains the starter's silhouette ControlNet (Zhang et al., 2023): an outline for a picture's foreground to fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genart_assets.starter_training.autoencoder import encode
from genart_assets.starter_training.captions import random_caption
from genart_assets.starter_training.generator import Generator, velocity_loss
from genart_assets.starter_training.loop import Effects, Schedule, train
from genart_assets.starter_training.renderings import Jitter, PlacedIcons

if TYPE_CHECKING:
    import torch

SCHEDULE = Schedule(steps=450, rows=48, rate=5e-4, muon_rate=2e-3, warm_up=50, decay_from=0.3, average=0.98, seed=51)
JITTER = Jitter(share=(0.5, 0.95), shift=9.0, turn=15.0)
"""Wider than the generator's, so that only the silhouette says where and how large the subject is."""
VARIANTS = 6
ROWS = 64


@dataclass(frozen=True)
class Outlined:
    """Renderings with their silhouettes, over random backgrounds."""

    placed: PlacedIcons
    behind: np.ndarray
    """Index of each rendering's background among the names, ``[pairs, variants]``."""
    latents: torch.Tensor
    """``float32 [pairs, variants, 16, 8, 8]``."""


def silhouettes(placed: np.ndarray) -> np.ndarray:
    """Control images ``float32 [n, 3, 64, 64]`` of placed icons ``uint8 [n, 64, 64, 4]``: 1 in the icon, else 0."""
    alpha = placed[..., 3].astype(np.float32) / 255
    return np.repeat(alpha[:, None], 3, axis=1)


def outline(
    vae: Any,
    placed: PlacedIcons,
    backgrounds: dict[str, tuple[int, int, int]],
    scaling_factor: float,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Outlined:
    """Encode each placed icon over a random background."""
    import torch

    random = np.random.default_rng(SCHEDULE.seed)
    shape = (len(placed.pairs), placed.variants)
    behind = random.integers(len(backgrounds), size=shape)
    colours = np.asarray(list(backgrounds.values()))
    every = np.indices(shape).reshape(2, -1)
    encoded: list[torch.Tensor] = []
    for start in range(0, every.shape[1], ROWS):
        rows, variants = every[:, start : start + ROWS]
        encoded.append(encode(vae, placed.over(rows, variants, colours[behind[rows, variants]])))
        progress(min(start + ROWS, every.shape[1]), every.shape[1])
    values = torch.cat(encoded) * scaling_factor
    return Outlined(placed, behind, values.reshape(*shape, *values.shape[1:]))


def new_control(unet: Any) -> Any:
    """A ``ControlNetModel`` with 8 M parameters: a copy of the UNet's first half whose outputs are zero."""
    import torch
    from diffusers import ControlNetModel

    torch.manual_seed(SCHEDULE.seed)
    return ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(16, 32, 64, 128))


def train_control(
    control: Any, made: Generator, outlined: Outlined, backgrounds: list[str], effects: Effects
) -> dict[str, float]:
    """Train only the ControlNet; the generator does not change."""
    import torch

    made.unet.requires_grad_(False).eval()
    made.text_encoder.requires_grad_(False).eval()

    def losses_of(random: np.random.Generator) -> dict[str, torch.Tensor]:
        rows = random.integers(len(outlined.placed.pairs), size=SCHEDULE.rows)
        variants = random.integers(outlined.placed.variants, size=SCHEDULE.rows)
        behind = outlined.behind[rows, variants]
        captions = [
            random_caption(pair.subject, pair.style, backgrounds[place], random)
            for pair, place in zip((outlined.placed.pairs[row] for row in rows), behind, strict=True)
        ]
        outlines = torch.from_numpy(silhouettes(outlined.placed.values[rows, variants]))
        clean = outlined.latents[rows, variants]
        return {"velocity": velocity_loss(made, clean, captions, random, control=(control, outlines))}

    return train({"control": control}, SCHEDULE, losses_of, effects)
