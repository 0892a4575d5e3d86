"""Which of a slot's attempts a move starts from."""

from __future__ import annotations

from collections.abc import Sequence

from genart_assets.records import Attempt, Settings


def base_of(attempts: Sequence[Attempt]) -> Settings:
    """The settings of the attempt with the fewest unmet expectations; of equals, the latest."""
    return min(reversed(attempts), key=lambda attempt: len(attempt.failed)).settings
