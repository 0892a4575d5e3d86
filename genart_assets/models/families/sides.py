"""The sides in px that a model draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genart_assets.records.fields import LONGEST_SIDE

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

    def problems(self, model: str, size: tuple[int, int]) -> list[str]:
        """What is wrong with a width and a height for a model of these sides."""
        allowed = (
            f"model {model!r} draws sides of {self.shortest} to {self.longest} px in steps of {self.step}, "
            f"best {self.best}"
        )
        return [
            f"{given} px is outside of what the model can do: {allowed}"
            for given in size
            if not self.shortest <= given <= self.longest or given % self.step
        ]


def sides_by_configs(denoiser: Mapping[str, Any], autoencoder: Mapping[str, Any]) -> Sides | None:
    """The sides by the configs of diffusers' denoiser and autoencoder, or None where they do not say them."""
    channels, latent_side = autoencoder.get("block_out_channels"), denoiser.get("sample_size")
    if not isinstance(channels, list) or not isinstance(latent_side, int):
        return None
    pixels = 2 ** (len(channels) - 1)
    step = pixels * denoiser.get("patch_size", 1)
    positions = denoiser.get("pos_embed_max_size") or LONGEST_SIDE
    return Sides(best=latent_side * pixels, step=step, most=min(LONGEST_SIDE, positions * step))
