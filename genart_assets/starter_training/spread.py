"""Some of many: what a grid or a sweep shows is spread over the whole, not picked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def spread(rows: Sequence[T], count: int) -> list[T]:
    """At most ``count`` of the rows, at equal odd distances from the first on: odd, to run through all four styles."""
    return list(rows[:: max(1, len(rows) // count) | 1][:count])
