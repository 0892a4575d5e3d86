"""Makes renderings: an icon over a plain background, with small random changes of place and size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from genart_assets.starter_training.icons import Icons
from genart_assets.starter_training.vocabulary import Pair

SIDE = 64
"""Side in px of the pictures that the starter model draws."""
SUPERSAMPLED = 2


@dataclass(frozen=True)
class Jitter:
    """How much renderings vary."""

    share: tuple[float, float] = (0.80, 0.92)
    """The icon's longer side as a share of the picture's."""
    shift: float = 1.5
    """Largest shift in px, along each axis."""
    turn: float = 0.0
    """Largest turn in degrees."""


@dataclass(frozen=True)
class PlacedIcons:
    """Placed icons, ``uint8 [pairs, variants, 64, 64, 4]`` with premultiplied alpha."""

    pairs: tuple[Pair, ...]
    values: np.ndarray

    @property
    def variants(self) -> int:
        return self.values.shape[1]

    def over(self, rows: np.ndarray, variants: np.ndarray, colours: np.ndarray) -> np.ndarray:
        """The icons of some rows over plain colours ``[n, 3]`` in 0…255: pictures ``uint8 [n, 64, 64, 3]``."""
        placed = self.values[rows, variants].astype(np.float32)
        behind = np.asarray(colours, np.float32)[:, None, None]
        whole = placed[..., :3] + (1 - placed[..., 3:] / 255) * behind
        return np.round(whole).clip(0, 255).astype(np.uint8)


def place_icons(icons: Icons, pairs: Sequence[Pair], variants: int, jitter: Jitter, seed: int) -> PlacedIcons:
    """Each pair's icon in ``variants`` placings, with jitter from the seed."""
    random = np.random.default_rng(seed)
    values = [[_place(icons[pair], jitter, random) for _ in range(variants)] for pair in pairs]
    return PlacedIcons(tuple(pairs), np.asarray(values))


def _place(icon: np.ndarray, jitter: Jitter, random: np.random.Generator) -> np.ndarray:
    zoom = icon.shape[0] / (random.uniform(*jitter.share) * SIDE)
    turn = np.radians(random.uniform(-jitter.turn, jitter.turn))
    centre = SIDE / 2 + random.uniform(-jitter.shift, jitter.shift, 2)
    cosine, sine, middle = np.cos(turn) * zoom, np.sin(turn) * zoom, icon.shape[0] / 2
    matrix = (
        cosine / SUPERSAMPLED,
        sine / SUPERSAMPLED,
        middle - cosine * centre[0] - sine * centre[1],
        -sine / SUPERSAMPLED,
        cosine / SUPERSAMPLED,
        middle + sine * centre[0] - cosine * centre[1],
    )
    size = (SIDE * SUPERSAMPLED, SIDE * SUPERSAMPLED)
    turned = Image.fromarray(icon).transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    straight = np.asarray(turned.reduce(SUPERSAMPLED))
    colour = np.round(straight[..., :3] * (straight[..., 3:] / 255)).astype(np.uint8)
    return np.concatenate([colour, straight[..., 3:]], axis=-1)


def as_tensor_values(pictures: np.ndarray) -> np.ndarray:
    """Pictures ``uint8 [n, h, w, 3]`` as ``float32 [n, 3, h, w]`` in -1…1, the form for an autoencoder."""
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)).astype(np.float32) / 127.5 - 1
