"""Measures how far a critic agrees with people, with 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from genart_assets.records.base import Record
from genart_assets.records.style_guide import Bound

Scores = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]
Z = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


class Estimate(Record):
    """A figure with its 95 % interval."""

    value: float
    low: float = Field(description="lower end of the 95 % interval")
    high: float = Field(description="upper end of the 95 % interval")

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


class GateAgreement(Record):
    """Counts of images by whether they pass a bound and whether people accepted them."""

    accepted_passing: int
    rejected_passing: int
    accepted_failing: int
    rejected_failing: int

    @property
    def precision(self) -> Estimate | None:
        """Share of the passing images that people accepted; None where none passes."""
        return share(self.accepted_passing, self.accepted_passing + self.rejected_passing)

    @property
    def recall(self) -> Estimate | None:
        """Share of the accepted images that pass; None where none was accepted."""
        return share(self.accepted_passing, self.accepted_passing + self.accepted_failing)

    @property
    def youden(self) -> float:
        """Youden's J (1950): the passing share of the accepted images less that of the rejected, -1 to 1."""
        accepted = self.accepted_passing + self.accepted_failing
        rejected = self.rejected_passing + self.rejected_failing
        return (self.accepted_passing / accepted if accepted else 0) - (
            self.rejected_passing / rejected if rejected else 0
        )


def share(successes: int, trials: int) -> Estimate | None:
    """A share with Wilson's interval (1927); None without trials."""
    from scipy.stats import binomtest

    if not trials:
        return None
    interval: Any = binomtest(successes, trials).proportion_ci(method="wilson")
    return Estimate(value=successes / trials, low=float(interval.low), high=float(interval.high))


def auc(scores: Scores, accepted: Labels) -> Estimate | None:
    """How often an accepted image scores above a rejected one, with ties as half; None if one kind is missing.

    This is the area under the ROC curve, computed as Mann and Whitney's U. The interval is Newcombe's (2006, method 5):
    it inverts the score test on Hanley and McNeil's variance, so that it has a width even if the critic makes no error,
    unlike DeLong's.
    """
    from scipy.stats import rankdata

    good, bad = int(accepted.sum()), int((~accepted).sum())
    if not good or not bad:
        return None
    ranks: Any = rankdata(scores)
    area = (float(ranks[accepted].sum()) - good * (good + 1) / 2) / (good * bad)

    def off(theta: float) -> float:
        half = (good + bad) / 2 - 1
        spread = 1 + half * (1 - theta) / (2 - theta) + half * theta / (1 + theta)
        return abs(area - theta) - Z * math.sqrt(max(0.0, theta * (1 - theta) * spread / (good * bad)))

    return Estimate(value=area, low=_root(off, 0.0, area), high=_root(off, 1.0, area))


def gate_agreement(scores: Scores, accepted: Labels, bound: Bound) -> GateAgreement:
    """Compare which images with ``scores`` ``[n]`` pass a bound with what people decided."""
    passing = passes(scores, bound)
    return GateAgreement(
        accepted_passing=int((passing & accepted).sum()),
        rejected_passing=int((passing & ~accepted).sum()),
        accepted_failing=int((~passing & accepted).sum()),
        rejected_failing=int((~passing & ~accepted).sum()),
    )


def passes(scores: Scores, bound: Bound) -> Labels:
    """Whether each score lies within a bound, ends included."""
    inside = np.ones(len(scores), dtype=bool)
    if bound.min is not None:
        inside &= scores >= bound.min
    if bound.max is not None:
        inside &= scores <= bound.max
    return inside


def roc(scores: Scores, accepted: Labels) -> tuple[Scores, Scores]:
    """Passing shares of the rejected and of the accepted images, from the strictest threshold to the most lenient."""
    _, good, bad = counted(scores, accepted)
    zero = np.zeros(1)
    return (
        np.concatenate([zero, np.cumsum(bad[::-1]) / bad.sum()]),
        np.concatenate([zero, np.cumsum(good[::-1]) / good.sum()]),
    )


def counted(scores: Scores, accepted: Labels) -> tuple[Scores, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The distinct scores, ascending, with the number of accepted and of rejected images that have each."""
    values, at = np.unique(scores, return_inverse=True)
    return values, np.bincount(at[accepted], minlength=len(values)), np.bincount(at[~accepted], minlength=len(values))


def _root(function: Callable[[float], float], outside: float, inside: float) -> float:
    """Where ``function`` turns from positive at ``outside`` to negative beside ``inside``; ``outside`` if it does not.

    At ``inside`` itself it may be 0.
    """
    from scipy.optimize import brentq

    if function(outside) <= 0:
        return outside
    found: Any = brentq(function, outside, inside + 1e-9 * (outside - inside))
    return float(found)
