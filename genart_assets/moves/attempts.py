"""Which of a slot's attempts a move starts from."""

from __future__ import annotations

from collections.abc import Sequence

from genart_assets.records.plan import Settings
from genart_assets.records.retry import Attempt
from genart_assets.records.verdict import FailedExpectation


def base_of(attempts: Sequence[Attempt]) -> Settings:
    """The settings of the attempt that came nearest to passing; of equals, the latest.

    Nearest is the one with the fewest unmet expectations, then the one whose scores miss their bounds by the smallest
    sum of relative distances: a move that made things worse is not built upon.
    """
    return min(reversed(attempts), key=_distance).settings


def _distance(attempt: Attempt) -> tuple[int, float]:
    return len(attempt.failed), sum(map(shortfall, attempt.failed))


def shortfall(unmet: FailedExpectation) -> float:
    """How far a score misses its bound, as a share of the bound; 1 where there is no score."""
    if unmet.value is None:
        return 1.0
    bound = unmet.min if unmet.min is not None and unmet.value < unmet.min else unmet.max
    if bound is None:
        return 1.0
    return abs(unmet.value - bound) / max(abs(bound), 1e-9)
