"""Decides whether a style's candidate LoRA may be promoted: Great Expectations checks its evaluation."""

from __future__ import annotations

from genart_assets.learning.evaluate_lora import LoraEvaluation
from genart_assets.learning.promotion_suite import INDEX, promotion_suite, promotion_table
from genart_assets.loras.promotion import PromotionRules, PromotionVerdict, UnmetRule
from genart_assets.quality.evaluate import evaluate
from genart_assets.quality.gate_result import GateResult


def judge_lora(report: LoraEvaluation, rules: PromotionRules) -> tuple[PromotionVerdict, GateResult]:
    """The verdict, which names the unmet rules, and the result of the suite."""
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
