"""Defines the result of an evaluated suite as typed records, without types of Great Expectations."""

from __future__ import annotations

from pydantic import Field, JsonValue

from genart_assets.quality.suite import Expectation
from genart_assets.records.base import Record


class FailedRow(Record):
    """A row that does not meet an expectation."""

    id: str = Field(description="the row's id: a recipe_id, unless the suite was evaluated by another column")
    value: JsonValue = Field(description="the value that was found; null if there was none")


class ExpectationOutcome(Record):
    """Whether one expectation is met, and by which rows it is not."""

    expectation: Expectation
    success: bool
    rows: int | None = Field(description="number of rows examined; None for an expectation on the whole table")
    failed: tuple[FailedRow, ...] = Field((), description="the unexpected rows, in the table's order")
    observed: JsonValue = Field(None, description="for an expectation on the whole table: what was found")
    exception: str | None = Field(None, description="why it could not be evaluated; success is then false")

    @property
    def failed_ids(self) -> tuple[str, ...]:
        return tuple(row.id for row in self.failed)


class GateResult(Record):
    """The outcomes of all expectations of a suite."""

    suite: str
    rows: int = Field(ge=0, description="rows of the table")
    outcomes: tuple[ExpectationOutcome, ...] = Field(description="in the suite's order")

    @property
    def success(self) -> bool:
        """Whether every expectation was evaluated and is met."""
        return all(outcome.success for outcome in self.outcomes)

    @property
    def failed_ids(self) -> frozenset[str]:
        """Ids of the rows that fail any expectation."""
        return frozenset(row.id for outcome in self.outcomes for row in outcome.failed)

    @property
    def unmet(self) -> tuple[ExpectationOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.success)
