"""Pictures to try an extension on: drawn by numbers alone, the same on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from genart_assets.critics.each_row import Picture

SIZES = ((64, 64), (96, 64), (40, 72))
"""Widths and heights in px that checks use: square, wide and high."""

_FLAT = {"white": (255, 255, 255), "black": (0, 0, 0), "red": (220, 30, 30), "teal": (30, 150, 150)}
_NOISE_SEED = 7


def trial_pictures(size: tuple[int, int] = SIZES[0]) -> dict[str, Picture]:
    """Name to picture, sRGB ``uint8 [height, width, 3]``.

    ``white``, ``black``, ``red`` and ``teal`` are flat; ``gradient`` goes from black to white; ``steps`` is the same
    with eight values; ``noise`` is random; ``stripes`` are black and white, 1 px wide; ``disc`` is red on teal with
    sharp edges, ``soft disc`` with soft ones; ``two discs`` has two of them.
    """
    width, height = size
    across = np.linspace(0.0, 1.0, width)[np.newaxis, :].repeat(height, axis=0)
    noise = np.random.default_rng(_NOISE_SEED).integers(0, 256, (height, width, 3))
    stripes = np.where(np.arange(width) % 2, 255.0, 0.0)[np.newaxis, :].repeat(height, axis=0)
    pictures = {name: np.broadcast_to(np.array(colour), (height, width, 3)) for name, colour in _FLAT.items()}
    pictures |= {
        "gradient": _grey(across * 255),
        "steps": _grey(np.floor(across * 7.999) * 36),
        "noise": noise,
        "stripes": _grey(stripes),
        "disc": _discs(width, height, [0.5], softness=0.0),
        "soft disc": _discs(width, height, [0.5], softness=0.4),
        "two discs": _discs(width, height, [0.28, 0.72], softness=0.0),
    }
    return {name: np.ascontiguousarray(np.round(picture), dtype=np.uint8) for name, picture in pictures.items()}


def _grey(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return values[..., np.newaxis].repeat(3, axis=2)


def _discs(width: int, height: int, centres: list[float], softness: float) -> npt.NDArray[np.float64]:
    """Discs of a fifth of the shorter side, at shares of the width, red on teal."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    radius = min(width, height) / 5
    cover = np.zeros((height, width))
    for centre in centres:
        distance = np.hypot(x - centre * (width - 1), y - (height - 1) / 2) / radius
        inside = (distance <= 1).astype(np.float64) if not softness else np.clip((1 - distance) / softness, 0, 1)
        cover = np.maximum(cover, inside)
    red, teal = np.array(_FLAT["red"], dtype=np.float64), np.array(_FLAT["teal"], dtype=np.float64)
    return teal + (red - teal) * cover[..., np.newaxis]
