"""The size that a brief may order of a model, nearest to a wanted one."""

from __future__ import annotations

import math

from genart_assets.models.families.sides import Sides
from genart_assets.records.fields import LONGEST_SIDE, SHORTEST_SIDE, SIDE_STEP


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
