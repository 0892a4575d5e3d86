"""Defines the verdict on one image, with the expectations that it did not meet."""

from __future__ import annotations

from pydantic import Field

from genart_assets.records.base import Record


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
