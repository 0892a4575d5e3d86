"""Formats a gate's result as a small Markdown table for Dagit."""

from __future__ import annotations

from genart_assets.quality.gate_result import ExpectationOutcome, FailedRow, GateResult

SHOWN_ROWS = 5


def gate_markdown(gate: GateResult) -> str:
    """One row per expectation: what must hold, whether it holds, and the first rows for which it does not."""
    lines = ["| expectation | result | unexpected |", "| --- | --- | --- |"]
    for outcome in gate.outcomes:
        met = "met" if outcome.success else "**not met**"
        lines.append(f"| {_cell(outcome.expectation.meaning)} | {met} | {_cell(_unexpected(outcome))} |")
    return "\n".join(lines)


def _unexpected(outcome: ExpectationOutcome) -> str:
    if outcome.exception is not None:
        return f"could not be evaluated: {outcome.exception}"
    if not outcome.failed:
        return "" if outcome.success else f"found {outcome.observed}"
    shown = "; ".join(f"{row.id[:12]} ({_value(row)})" for row in outcome.failed[:SHOWN_ROWS])
    rest = len(outcome.failed) - SHOWN_ROWS
    count = "1 row" if len(outcome.failed) == 1 else f"{len(outcome.failed)} rows"
    return f"{count}: {shown}" + (f"; and {rest} more" if rest > 0 else "")


def _value(row: FailedRow) -> str:
    return f"{row.value:.4g}" if isinstance(row.value, float) else str(row.value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
