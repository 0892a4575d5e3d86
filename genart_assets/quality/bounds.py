"""Collects a brief's bounds on critics' scores and formats bounds and scores."""

from __future__ import annotations

from genart_assets.records.brief import Brief
from genart_assets.records.style_guide import Bound

PALETTE_CRITIC = "palette_distance"


def bounds_of(brief: Brief) -> dict[str, Bound]:
    """The bound of each critic, in the brief's order; a background bounds ``palette_distance`` by default."""
    guide = brief.style_guide
    bounds = dict(guide.expect)
    if guide.palette is not None and guide.palette.background and PALETTE_CRITIC not in bounds:
        bounds[PALETTE_CRITIC] = Bound(max=guide.palette.max_delta_e)
    return bounds


def bound_text(low: float | None, high: float | None) -> str:
    """A bound as text: ``≥ 0.24``, ``≤ 12``, ``3 to 9``; empty without a bound."""
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f"≥ {low:g}"
    return f"≤ {high:g}" if high is not None else ""


def score_text(score: float) -> str:
    """A score as text: no decimals from 1,000 on, otherwise four significant digits."""
    return f"{score:.0f}" if abs(score) >= 1000 else f"{score:.4g}"
