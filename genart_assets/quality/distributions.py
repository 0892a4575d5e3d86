"""Plots each critic's scores in a batch, with the brief's bounds."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from genart_assets.quality.bounds import bound_text, bounds_of
from genart_assets.quality.histogram import Histogram, histograms
from genart_assets.records.brief import Brief

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = 3
WITHIN, OUTSIDE, BOUND = "#2a78a8", "#d1603d", "#222222"


def distributions(brief: Brief, scores: pd.DataFrame) -> bytes:
    """A PNG with one histogram per critic (schemas.CRITIC_SCORES); scores outside the bounds have another colour.

    Equal scores give equal bytes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    found = histograms(scores, bounds_of(brief))
    rows = max(1, -(-len(found) // COLUMNS))
    width, height = 4 * COLUMNS, 2.6 * rows
    figure = Figure(figsize=(width, height), dpi=100)
    figure.subplots_adjust(0.65 / width, 0.5 / height, 1 - 0.15 / width, 1 - 0.35 / height, wspace=0.25, hspace=0.5)
    canvas = FigureCanvasAgg(figure)
    for k, histogram in enumerate(found):
        _draw(figure.add_subplot(rows, COLUMNS, k + 1), histogram)
    if not found:
        figure.text(0.5, 0.5, "no scores", ha="center", va="center")
    data = io.BytesIO()
    canvas.print_png(data, metadata={"Software": None})
    return data.getvalue()


def _draw(axes: Axes, histogram: Histogram) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.stairs(histogram.counts, histogram.edges, fill=True, color=WITHIN)
    axes.stairs(histogram.outside, histogram.edges, fill=True, color=OUTSIDE)
    for end in histogram.bounds:
        axes.axvline(end, color=BOUND, linewidth=1.2, linestyle="--")
    bound = histogram.bound
    text = bound_text(bound.min, bound.max) if bound else "no bound"
    missing = f", {histogram.without_score} without score" if histogram.without_score else ""
    axes.set_title(f"{histogram.critic}: {text}{missing}", fontsize=10, loc="left")
    axes.set_xlabel(histogram.unit, fontsize=9)
    axes.set_ylabel("images", fontsize=9)
    margin = 0.02 * (histogram.high - histogram.low)
    axes.set_xlim(histogram.low - margin, histogram.high + margin)
    axes.yaxis.set_major_locator(MaxNLocator(nbins="auto", integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
