"""The gate of a batch as a whole: a yield or scores so bad that something else than chance is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genart_assets.quality.bounds import bounds_of
from genart_assets.quality.evaluate import evaluate
from genart_assets.quality.gate_result import GateResult
from genart_assets.quality.suite import Expectation, Suite, between
from genart_assets.records.brief import Brief

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 30
"""Scores on either side below which a distance between two distributions says little."""


def judge_batch(brief: Brief, verdicts: pd.DataFrame, scores: pd.DataFrame, before: pd.DataFrame) -> GateResult:
    """Whether a batch may go on by itself: the brief's `style_guide.batch`, evaluated on one line of figures.

    ``scores`` and ``before`` are of schemas.CRITIC_SCORES: the batch's, and those of the attempts that it follows
    (empty in round 0). The drift of a critic is the one-sided two-sample Kolmogorov-Smirnov distance, 0 to 1, by which
    the scores are worse than before; two-sided for a critic without a better side. It is taken for bounded critics with
    at least ``FEWEST`` scores on both sides.
    """
    import pandas as pd

    bounds = brief.style_guide.batch
    figures: dict[str, float] = {}
    expectations: list[Expectation] = []
    if bounds.min_yield is not None:
        figures["yield"] = float(verdicts["passed"].mean())
        expectations.append(between("yield", bounds.min_yield, None, f"yield ≥ {bounds.min_yield:g}"))
    if bounds.max_drift is not None:
        for critic, drift in _drifts(brief, scores, before):
            column = f"drift of {critic}"
            figures[column] = drift
            meaning = f"{column} ≤ {bounds.max_drift:g}"
            expectations.append(between(column, None, bounds.max_drift, meaning))
    table = pd.DataFrame([{"batch": brief.brief, **figures}])
    suite = Suite(name=f"batch of {brief.brief}", expectations=tuple(expectations))
    return evaluate(table, suite, index_column="batch")


def held_for(gate: GateResult) -> str | None:
    """Why a batch is held, for people: every unmet expectation with what was found; None where all are met."""
    unmet = [outcome for outcome in gate.outcomes if not outcome.success]
    told = (
        f"{outcome.expectation.meaning}: {outcome.exception or ', '.join(f'{row.value:.3g}' for row in outcome.failed)}"
        for outcome in unmet
    )
    return "; ".join(told) or None


def _drifts(brief: Brief, scores: pd.DataFrame, before: pd.DataFrame) -> Iterator[tuple[str, float]]:
    from scipy.stats import ks_2samp

    worse = {"higher": "greater", "lower": "less", "between": "two-sided"}
    for critic in bounds_of(brief):
        ours = scores[scores["critic"] == critic]
        now, then = _finite(ours), _finite(before[before["critic"] == critic])
        if min(len(now), len(then)) >= FEWEST:
            found: Any = ks_2samp(now, then, alternative=worse[str(ours["direction"].iloc[0])])
            yield critic, float(found.statistic)


def _finite(scores: pd.DataFrame) -> npt.NDArray[np.float64]:
    values = scores["score"].to_numpy(dtype=np.float64)
    return values[np.isfinite(values)]
