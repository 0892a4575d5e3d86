"""The promotion gate: Great Expectations evaluates the evaluation of a style LoRA's candidate."""

from __future__ import annotations

from pydantic import Field

from genart_assets.quality.evaluate import evaluate
from genart_assets.quality.gate_result import GateResult
from genart_assets.quality.promotion_suite import INDEX, PromotionRules, promotion_suite, promotion_table
from genart_assets.records.base import Record
from genart_assets.stages.evaluate_lora import LoraEvaluation


class UnmetRule(Record):
    meaning: str = Field(description="what should hold")
    found: float | None = Field(description="the worse end of the interval; None where it could not be measured")


class PromotionVerdict(Record):
    candidate: str = Field(description="version")
    baseline: str | None = Field(description="the promoted version it was compared with; None for the base alone")
    evaluation: str = Field(description="id of the LoraEvaluation")
    rules: PromotionRules
    passed: bool
    unmet: tuple[UnmetRule, ...] = ()

    @property
    def reason(self) -> str:
        """The unmet rules in one line; empty for a candidate that passed."""
        return "; ".join(
            f"{rule.meaning}: {'not measured' if rule.found is None else f'{rule.found:.4g}'}" for rule in self.unmet
        )


def judge_lora(report: LoraEvaluation, rules: PromotionRules) -> tuple[PromotionVerdict, GateResult]:
    """Whether the candidate may be promoted, with the unmet rules named, and the evaluated suite."""
    gate = evaluate(promotion_table(report), promotion_suite(report, rules), index_column=INDEX)
    unmet = tuple(
        UnmetRule(
            meaning=outcome.expectation.meaning,
            found=next((float(row.value) for row in outcome.failed if isinstance(row.value, int | float)), None),
        )
        for outcome in gate.unmet
    )
    verdict = PromotionVerdict(
        candidate=report.candidate,
        baseline=report.baseline,
        evaluation=report.id,
        rules=rules,
        passed=gate.success,
        unmet=unmet,
    )
    return verdict, gate
