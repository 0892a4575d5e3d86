"""Evaluates a suite on a table with Great Expectations, in memory, without output or telemetry."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from genart_assets.errors import GenartError
from genart_assets.quality.gate_result import ExpectationOutcome, FailedRow, GateResult
from genart_assets.quality.suite import Expectation, Suite

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult


def evaluate(frame: pd.DataFrame, suite: Suite, *, index_column: str = "recipe_id") -> GateResult:
    """Evaluate every expectation of ``suite`` on ``frame``.

    ``index_column`` identifies unexpected rows. An expectation that cannot be evaluated (a missing column, a wrong
    type) is not met, and its ``exception`` says why. Great Expectations ignores nulls in bounds and uniqueness.
    """
    if not suite.expectations:
        return GateResult(suite=suite.name, rows=len(frame), outcomes=())
    if index_column not in frame.columns:
        raise GenartError(f"suite {suite.name}: the table has no column {index_column!r}, only {list(frame.columns)}")
    results = _validate(frame.reset_index(drop=True), suite, index_column).results
    by_position = {_position(result): result for result in results}
    outcomes = (_outcome(by_position[k], wanted, index_column) for k, wanted in enumerate(suite.expectations))
    return GateResult(suite=suite.name, rows=len(frame), outcomes=tuple(outcomes))


def _validate(frame: pd.DataFrame, suite: Suite, index_column: str) -> ExpectationSuiteValidationResult:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    table = context.data_sources.add_pandas("memory").add_dataframe_asset("table")
    batch = table.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
    expectations = [
        getattr(gxe, expectation.type)(**expectation.kwargs, meta={"position": k})
        for k, expectation in enumerate(suite.expectations)
    ]
    return batch.validate(
        gx.ExpectationSuite(name=suite.name, expectations=expectations),
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [index_column]},
    )


def _position(result: ExpectationValidationResult) -> int:
    """The expectation's place in its suite; Great Expectations returns results in another order."""
    meta = result.expectation_config.meta if result.expectation_config else None
    if not meta:
        raise GenartError("Great Expectations returned a result without its expectation")
    return meta["position"]


def _outcome(result: ExpectationValidationResult, wanted: Expectation, index_column: str) -> ExpectationOutcome:
    unexpected: list[dict[str, Any]] = result.result.get("unexpected_index_list") or []
    return ExpectationOutcome(
        expectation=wanted,
        success=bool(result.success),
        rows=result.result.get("element_count"),
        failed=tuple(FailedRow(id=str(row[index_column]), value=_found(row, index_column)) for row in unexpected),
        observed=_plain(result.result.get("observed_value")),
        exception=_exception(result.exception_info or {}),
    )


def _exception(info: Mapping[str, Any]) -> str | None:
    """The message; Great Expectations returns one record, or one per metric if a metric failed."""
    records = [info] if "raised_exception" in info else list(info.values())
    messages = {str(record["exception_message"]) for record in records if record["raised_exception"]}
    return "; ".join(sorted(messages)) or None


def _found(row: Mapping[str, Any], index_column: str) -> JsonValue:
    """What an unexpected row has: one value, or the values of several columns."""
    values = {name: _plain(value) for name, value in row.items() if name != index_column}
    if not values:
        return _plain(row[index_column])
    return next(iter(values.values())) if len(values) == 1 else values


def _plain(value: Any) -> JsonValue:
    """The value in JSON types; NaN and other nulls are null, infinities are text."""
    import pandas as pd

    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or pd.isna(value):
        return None
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and math.isinf(plain):
        return str(plain)
    return plain if isinstance(plain, bool | int | float | str) else str(plain)
