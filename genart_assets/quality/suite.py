"""Defines expectation suites as data: what must hold, in Great Expectations' terms, without importing it."""

from __future__ import annotations

from pydantic import Field, JsonValue

from genart_assets.records.base import Record


class Expectation(Record):
    """One expectation: its class in Great Expectations, its arguments, and its meaning."""

    type: str = Field(description="class in great_expectations.expectations, for example ExpectColumnValuesToBeBetween")
    kwargs: dict[str, JsonValue] = Field(description="its arguments: column, bounds")
    meaning: str = Field(description="what holds when it is met, in the words of the domain")


class Suite(Record):
    """The expectations on one table."""

    name: str
    expectations: tuple[Expectation, ...]


def between(column: str, low: float | None, high: float | None, meaning: str) -> Expectation:
    """Every value that is not null is within [low, high]; None leaves that end open."""
    kwargs: dict[str, JsonValue] = {"column": column, "min_value": low, "max_value": high}
    return Expectation(type="ExpectColumnValuesToBeBetween", kwargs=kwargs, meaning=meaning)


def above(column: str, low: float, meaning: str) -> Expectation:
    """Every value that is not null is greater than ``low``."""
    kwargs: dict[str, JsonValue] = {"column": column, "min_value": low, "strict_min": True}
    return Expectation(type="ExpectColumnValuesToBeBetween", kwargs=kwargs, meaning=meaning)


def not_null(column: str, meaning: str) -> Expectation:
    """The column has no null."""
    return Expectation(type="ExpectColumnValuesToNotBeNull", kwargs={"column": column}, meaning=meaning)


def unique(column: str, meaning: str) -> Expectation:
    """No value of the column is repeated."""
    return Expectation(type="ExpectColumnValuesToBeUnique", kwargs={"column": column}, meaning=meaning)


def in_set(column: str, values: list[str], meaning: str) -> Expectation:
    """Every value that is not null is one of ``values``."""
    kwargs: dict[str, JsonValue] = {"column": column, "value_set": [*values]}
    return Expectation(type="ExpectColumnValuesToBeInSet", kwargs=kwargs, meaning=meaning)


def equal_columns(first: str, second: str, meaning: str) -> Expectation:
    """Both columns hold the same value in every row where neither is null."""
    kwargs: dict[str, JsonValue] = {"column_A": first, "column_B": second, "ignore_row_if": "either_value_is_missing"}
    return Expectation(type="ExpectColumnPairValuesToBeEqual", kwargs=kwargs, meaning=meaning)


def row_count(rows: int, meaning: str) -> Expectation:
    """The table has this many rows."""
    return Expectation(type="ExpectTableRowCountToEqual", kwargs={"value": rows}, meaning=meaning)


def columns(names: list[str], meaning: str) -> Expectation:
    """The table has these columns, in this order, and no other."""
    return Expectation(type="ExpectTableColumnsToMatchOrderedList", kwargs={"column_list": [*names]}, meaning=meaning)
