"""Which retry move has the best odds: those that repaired most so far, with room for those that were tried little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from genart_assets.records.base import canonical_json, sha256_hex
from genart_assets.stages.retrying.round_outcome import Repair

DOUBT_OF_PLACE = 0.25
"""Imagined failures of a move for every move that the brief names before it, and that the slot could make."""


class MoveOdds:
    """Thompson sampling (Thompson, 1933; Russo et al., 2018) over what moves did for a brief's slots.

    A move that repaired ``p`` of ``n`` slots with the same unmet expectations gets a draw from Beta(1 + p, 1 + n - p +
    d), and the highest draw wins: while nothing is known all moves are tried, those that the brief names first (``d``
    is small) more often; what is known soon outweighs the order.
    """

    def __init__(self, brief_id: str, round_: int, record: Iterable[Repair]) -> None:
        self._tried: Counter[tuple[str, str]] = Counter()
        self._repaired: Counter[tuple[str, str]] = Counter()
        for repair in record:
            self._tried[repair.move, repair.expectation] += repair.images
            self._repaired[repair.move, repair.expectation] += repair.passed
        seed = sha256_hex(canonical_json(["genart-retry-v1", brief_id, round_]))
        self._random = np.random.default_rng(int(seed, 16))

    def draw(self, move: str, unmet: Sequence[str], place: int) -> float:
        """The odds of a slot's ``place``-th possible move where it misses ``unmet``, 0 to 1; every call draws anew."""
        tried = sum(self._tried[move, expectation] for expectation in unmet)
        repaired = sum(self._repaired[move, expectation] for expectation in unmet)
        return float(self._random.beta(1 + repaired, 1 + tried - repaired + DOUBT_OF_PLACE * place))
