"""Formats a calibration report as Markdown for Dagit."""

from __future__ import annotations

from genart_assets.calibration.agreement import Estimate
from genart_assets.calibration.calibrate import CalibrationReport, CriticAgreement
from genart_assets.quality.bounds import bound_text, score_text

_HEAD = ("critic", "images", "AUC", "bound now", "precision", "recall", "best threshold")


def calibration_markdown(report: CalibrationReport) -> str:
    """The counts, a row per critic, and the suggestions; intervals are 95 %."""
    rejected = report.images - report.accepted
    lines = [
        f"**{report.family}**: {report.images} images, {report.accepted} accepted, {rejected} rejected, "
        f"{report.disputed} disputed and left out; {report.reviewers} reviewers.",
        "",
        f"| {' | '.join(_HEAD)} |",
        "| --- |" + " --- |" * (len(_HEAD) - 1),
        *(_line(critic) for critic in report.critics),
        "",
        *(f"- {_cell(critic.advice)}" for critic in report.critics),
        f"- preference head: {_cell(report.no_head) or f'AUC {report.head_auc}, cross-validated'}",
        "",
        "Precision: the accepted share of the passing images. Recall: the passing share of the accepted images. Both "
        "cover reviewed images only.",
    ]
    return "\n".join(lines)


def _line(critic: CriticAgreement) -> str:
    bound, gate = critic.bound, critic.gate
    cells = (
        critic.critic,
        str(critic.images),
        _estimate(critic.auc),
        bound_text(bound.min, bound.max) if bound else "none",
        _estimate(gate.precision) if gate else "",
        _estimate(gate.recall) if gate else "",
        _threshold(critic.threshold),
    )
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _estimate(estimate: Estimate | None) -> str:
    return "" if estimate is None else str(estimate)


def _threshold(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    return f"{score_text(estimate.value)} ({score_text(estimate.low)} to {score_text(estimate.high)})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
