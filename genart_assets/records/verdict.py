"""Defines the verdict on one image, with the expectations that it did not meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, TypeAdapter

from genart_assets.records.base import Record

if TYPE_CHECKING:
    import pandas as pd


class FailedExpectation(Record):
    """One unmet expectation: what was measured against which bound."""

    expectation: str = Field(description="critic's name, or the structural reason")
    value: float | None = Field(description="the score in the critic's unit; None if there is none")
    min: float | None = None
    max: float | None = None
    reason: str = Field(default="", description="why there is no score")


class Verdict(Record):
    recipe_id: str
    passed: bool
    failed: tuple[FailedExpectation, ...] = ()


FAILED_EXPECTATIONS = TypeAdapter(tuple[FailedExpectation, ...])
"""Reads and writes the column ``failed`` of schemas.VERDICTS."""


def verdicts_of(frame: pd.DataFrame) -> list[Verdict]:
    """The records of a stored table of verdicts (schemas.VERDICTS)."""
    rows = zip(frame["recipe_id"], frame["passed"], frame["failed"], strict=True)
    return [
        Verdict(recipe_id=str(row), passed=bool(passed), failed=FAILED_EXPECTATIONS.validate_json(str(failed)))
        for row, passed, failed in rows
    ]
