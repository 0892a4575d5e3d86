"""Makes histograms of critics' scores, for the report and the plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genart_assets.records.style_guide import Bound

if TYPE_CHECKING:
    import pandas as pd

BINS = 24


@dataclass(frozen=True)
class Histogram:
    """``counts[k]`` scores lie in [``edges[k]``, ``edges[k + 1]``), ``outside[k]`` of them outside the bound.

    The last bin includes its upper edge. The edges span the scores and the bound, so that the bound is visible.
    """

    critic: str
    unit: str
    bound: Bound | None
    counts: tuple[int, ...]
    outside: tuple[int, ...]
    edges: tuple[float, ...]
    scored: int
    without_score: int

    @property
    def bounds(self) -> tuple[float, ...]:
        return tuple(_ends(self.bound))

    @property
    def low(self) -> float:
        return self.edges[0]

    @property
    def high(self) -> float:
        return self.edges[-1]


def histograms(scores: pd.DataFrame, bounds: dict[str, Bound]) -> list[Histogram]:
    """A histogram for each critic in schemas.CRITIC_SCORES: first in the order of the bounds, then by name."""
    critics = {str(name): part for name, part in scores.groupby("critic", sort=True)}
    ordered = [name for name in bounds if name in critics] + [name for name in critics if name not in bounds]
    return [_histogram(name, critics[name], bounds.get(name)) for name in ordered]


def _histogram(critic: str, part: pd.DataFrame, bound: Bound | None) -> Histogram:
    values = part["score"].astype("float64").to_numpy()
    finite = values[np.isfinite(values)]
    low, high = _span([*finite.tolist(), *_ends(bound)])
    counts, edges = np.histogram(finite, bins=BINS, range=(low, high))
    outside, _ = np.histogram([value for value in finite.tolist() if _is_outside(value, bound)], bins=edges)
    return Histogram(
        critic=critic,
        unit=str(part["unit"].iloc[0]),
        bound=bound,
        counts=tuple(int(count) for count in counts),
        outside=tuple(int(count) for count in outside),
        edges=tuple(float(edge) for edge in edges),
        scored=len(finite),
        without_score=len(values) - len(finite),
    )


def _is_outside(value: float, bound: Bound | None) -> bool:
    if bound is None:
        return False
    below = bound.min is not None and value < bound.min
    return below or (bound.max is not None and value > bound.max)


def _ends(bound: Bound | None) -> list[float]:
    return [end for end in (bound.min, bound.max) if end is not None] if bound else []


def _span(values: Sequence[float]) -> tuple[float, float]:
    """The smallest and the largest value; a single value gets a margin on both sides."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    margin = 0.0 if low < high else max(abs(high), 1.0) * 0.05
    return low - margin, high + margin
