"""Finds the threshold of a critic that fits people best, with its interval, and says what it would change."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context

import numpy as np
import numpy.typing as npt

from genart_assets.calibration.agreement import Estimate, GateAgreement, Labels, Scores, counted, gate_agreement
from genart_assets.quality.bounds import bound_text, score_text
from genart_assets.records.style_guide import Bound

RESAMPLES = 1000
SEED = 20_061_950
DIGITS = 4
"""Number of significant digits of a suggested threshold."""


def best_threshold(scores: Scores, accepted: Labels, wanted_precision: float | None = None) -> Estimate | None:
    """The score from which images should pass, if higher is better; None if one kind of image is missing.

    It maximises Youden's J (1950). With a ``wanted_precision`` (0 to 1), it is the lowest score from which at least
    that share of the passing images is accepted, or None if no score reaches it. Of equal scores the lowest counts. The
    95 % interval is a percentile bootstrap (Efron, 1979): accepted and rejected images are resampled separately,
    ``RESAMPLES`` times, from a fixed seed; samples that do not reach a wanted precision are left out.
    """
    values, good, bad = counted(scores, accepted)
    if not good.sum() or not bad.sum():
        return None
    place = _best(good, bad, wanted_precision)
    if place is None:
        return None
    random = np.random.default_rng(SEED)
    drawn = (
        _best(
            random.multinomial(good.sum(), good / good.sum()),
            random.multinomial(bad.sum(), bad / bad.sum()),
            wanted_precision,
        )
        for _ in range(RESAMPLES)
    )
    places = [at for at in drawn if at is not None] or [place]
    low, high = np.percentile(values[places], [2.5, 97.5], method="nearest")
    return Estimate(value=float(values[place]), low=float(low), high=float(high))


def _best(good: npt.NDArray[np.int64], bad: npt.NDArray[np.int64], wanted_precision: float | None) -> int | None:
    """Index of the best of ascending scores; score k has ``good[k]`` accepted and ``bad[k]`` rejected images."""
    accepted, rejected = np.cumsum(good[::-1])[::-1], np.cumsum(bad[::-1])[::-1]
    there = good + bad > 0
    if wanted_precision is None:
        return int(np.argmax(np.where(there, accepted / accepted[0] - rejected / rejected[0], -np.inf)))
    reaching = np.flatnonzero(there & (accepted > 0) & (accepted >= wanted_precision * (accepted + rejected)))
    return int(reaching[0]) if len(reaching) else None


def suggested_bound(threshold: float, direction: str, now: Bound | None) -> Bound | None:
    """``now`` with the threshold as its min or max, in few digits, rounded so that at least as many images pass.

    None if min would be above max.
    """
    end = "min" if direction == "higher" else "max"
    other = getattr(now, "max" if end == "min" else "min", None)
    value = _rounded(threshold, up=end == "max")
    if other is not None and (value > other if end == "min" else value < other):
        return None
    return Bound.model_validate({end: value, "max" if end == "min" else "min": other})


def suggestion(critic: str, scores: Scores, accepted: Labels, now: Bound | None, new: Bound) -> str:
    """One line that says what would change for these images if ``new`` replaced ``now``."""
    after = gate_agreement(scores, accepted, new)
    if now is None:
        return f"{critic} {bound_text(new.min, new.max)} (no bound now): {_change(_everything(accepted), after)}"
    before = gate_agreement(scores, accepted, now)
    return f"{critic} {_ends(now, new)}: {_change(before, after)}"


def _everything(accepted: Labels) -> GateAgreement:
    good = int(accepted.sum())
    return GateAgreement(
        accepted_passing=good, rejected_passing=len(accepted) - good, accepted_failing=0, rejected_failing=0
    )


def _ends(now: Bound, new: Bound) -> str:
    end = "min" if now.min != new.min else "max"
    old = getattr(now, end)
    return f"{end} {'none' if old is None else score_text(old)} → {score_text(getattr(new, end))}"


def _change(before: GateAgreement, after: GateAgreement) -> str:
    good = after.accepted_passing - before.accepted_passing
    bad = after.rejected_passing - before.rejected_passing
    if good > 0 or bad > 0:
        return f"would pass {good} more that people accepted, {bad} that they rejected"
    return f"would stop {-bad} that people rejected, {-good} that they accepted"


def _rounded(value: float, *, up: bool) -> float:
    few = Context(prec=DIGITS, rounding=ROUND_CEILING if up else ROUND_FLOOR)
    return float(few.create_decimal(repr(value)))
