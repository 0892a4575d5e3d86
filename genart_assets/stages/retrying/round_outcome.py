"""What a round came to: its yield, what failed, and which moves repaired what."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field

from genart_assets.records.base import Record
from genart_assets.records.verdict import FAILED_EXPECTATIONS

if TYPE_CHECKING:
    import pandas as pd


class Repair(Record):
    """How a move fared against an expectation that had not been met."""

    move: str
    expectation: str
    images: int = Field(description="retries by this move of slots that had failed it")
    passed: int = Field(description="those that passed the whole gate")


class RoundOutcome(Record):
    round: int
    images: int
    passed: int
    failed: dict[str, int] = Field(description="expectation to images that do not meet it, most frequent first")
    repairs: tuple[Repair, ...] = ()

    @property
    def share(self) -> float:
        """The round's yield, 0 to 1."""
        return self.passed / self.images if self.images else 0.0


def outcome_of(round_: int, rows: pd.DataFrame, before: pd.DataFrame | None) -> RoundOutcome:
    """The figures of a round; ``rows`` are those of `OrderBook.rows`, ``before`` those of the round before it."""
    passed = rows["passed"].astype(bool)
    failed = Counter(name for text in rows.loc[~passed, "failed"] for name in _names(text))
    repairs: tuple[Repair, ...] = ()
    if before is not None:
        unmet = dict(zip(before["recipe_id"], map(_names, before["failed"]), strict=True))
        tries: Counter[tuple[str, str]] = Counter()
        successes: Counter[tuple[str, str]] = Counter()
        for parent, move, good in zip(rows["parent"], rows["move"], passed, strict=True):
            for name in unmet[parent]:
                tries[move, name] += 1
                successes[move, name] += bool(good)
        repairs = tuple(
            Repair(move=move, expectation=name, images=count, passed=successes[move, name])
            for (move, name), count in sorted(tries.items())
        )
    return RoundOutcome(
        round=round_,
        images=len(rows),
        passed=int(passed.sum()),
        failed=dict(failed.most_common()),
        repairs=repairs,
    )


def _names(failed: str) -> list[str]:
    return [unmet.expectation for unmet in FAILED_EXPECTATIONS.validate_json(failed)]
