"""The sizes that a model draws, told from its configs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from genart_assets.models.denoisers import denoiser_config
from genart_assets.models.snapshot import component_config
from genart_assets.records.fields import LONGEST_SIDE, SHORTEST_SIDE, SIDE_STEP

SMALLEST, LARGEST = 0.5, 2.0
"""Shares of the native side: beyond them a network that was trained at one size repeats or breaks its subject."""


@dataclass(frozen=True)
class Sides:
    """The sides in px that a model draws."""

    best: int
    """The one that it was trained at."""
    step: int
    """Of one latent, or of one patch of them."""
    most: int = LONGEST_SIDE
    """Beyond it the model has no positions."""

    @property
    def shortest(self) -> int:
        return int(self.best * SMALLEST)

    @property
    def longest(self) -> int:
        return min(int(self.best * LARGEST), self.most)


def sides_of(model: str) -> Sides | None:
    """The sides that a model draws, or None where its configs do not tell."""
    denoiser = denoiser_config(model)
    channels = component_config(model, "vae").get("block_out_channels")
    latent_side = denoiser.get("sample_size")
    if not isinstance(channels, list) or not isinstance(latent_side, int):
        return None
    pixels = 2 ** (len(channels) - 1)
    step = pixels * denoiser.get("patch_size", 1)
    positions = denoiser.get("pos_embed_max_size") or LONGEST_SIDE
    return Sides(best=latent_side * pixels, step=step, most=min(LONGEST_SIDE, positions * step))


def nearest_size(size: tuple[int, int], sides: Sides | None) -> tuple[int, int]:
    """The size nearest to a given one, in its shape, that a brief may order of a model.

    A shape too long for the model is squeezed. Without ``sides`` only what every brief allows counts.
    """
    step = math.lcm(SIDE_STEP, sides.step if sides else 1)
    low = _up(max(SHORTEST_SIDE, sides.shortest if sides else 0), step)
    high = min(LONGEST_SIDE, sides.longest if sides else LONGEST_SIDE) // step * step
    scale = min(1.0, high / max(size)) if max(size) > high else max(1.0, low / min(size))
    width, height = (min(max(round(side * scale / step) * step, low), high) for side in size)
    return width, height


def _up(value: int, step: int) -> int:
    return -(-value // step) * step
