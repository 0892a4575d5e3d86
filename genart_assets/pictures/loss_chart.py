"""Draws how the loss of a training run fell."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence


def loss_chart(steps: Sequence[int], losses: Mapping[str, Sequence[float]]) -> bytes:
    """A PNG with one curve per loss, over optimiser steps. Equal curves give equal bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.6, 1.8 * len(losses) + 0.6), dpi=100, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    for row, (name, values) in enumerate(losses.items()):
        axes = figure.add_subplot(len(losses), 1, row + 1)
        axes.plot(list(steps), list(values), linewidth=1.5, marker=".", markersize=3)
        axes.set_ylabel(name, fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.3)
        if row == len(losses) - 1:
            axes.set_xlabel("step", fontsize=9)
    data = io.BytesIO()
    canvas.print_png(data, metadata={"Software": None})
    return data.getvalue()
