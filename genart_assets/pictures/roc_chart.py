"""Draws the ROC curves of critics compared with people."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Shares = npt.NDArray[np.float64]
CHANCE = "#999999"


def roc_chart(curves: Mapping[str, tuple[Shares, Shares]], areas: Mapping[str, float]) -> bytes:
    """A PNG with one curve per critic: passing share of rejected images (x) and of accepted images (y).

    ``areas`` are the AUCs; the legend lists them, best first. Equal curves give equal bytes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.6, 4.2), dpi=100, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=CHANCE, linewidth=1, linestyle="--")
    for critic in sorted(curves, key=lambda name: (-areas[name], name)):
        rejected, accepted = curves[critic]
        axes.plot(rejected, accepted, linewidth=1.5, label=f"{critic} {areas[critic]:.3f}")
    axes.set_xlabel("rejected images that pass", fontsize=9)
    axes.set_ylabel("accepted images that pass", fontsize=9)
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.01)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    if curves:
        axes.legend(title="AUC", fontsize=8, loc="lower right", frameon=False)
    data = io.BytesIO()
    canvas.print_png(data, metadata={"Software": None})
    return data.getvalue()
