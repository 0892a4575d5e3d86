"""Silhouettes drawn with numpy, and the shipped ControlNet as a recipe names it."""

from __future__ import annotations

import numpy as np

from genart_assets.models.controls import control_snapshot
from genart_assets.records import RecipeControl


def disc(radius: int, side: int = 64) -> np.ndarray:
    """A white disc on black, ``uint8 [side, side, 3]``."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return np.repeat(((x**2 + y**2 < radius**2) * 255).astype(np.uint8)[..., None], 3, axis=2)


def shipped_control(*, image: str = "", scale: float = 1.0) -> RecipeControl:
    return RecipeControl(
        kind="silhouette", snapshot=control_snapshot("silhouette").snapshot_id, image=image, scale=scale
    )
