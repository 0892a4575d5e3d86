"""Selects rows for a grid or a sweep, spread evenly over all rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def spread(rows: Sequence[T], count: int) -> list[T]:
    """At most ``count`` rows at equal distances from the first; the distance is odd to reach all four styles."""
    return list(rows[:: max(1, len(rows) // count) | 1][:count])
