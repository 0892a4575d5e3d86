"""Compiles the promotion rules to one suite on the evaluation of a style LoRA: one row, one column per figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genart_assets.learning.evaluate_lora import ADHERENCE, ALIGNMENT, DIVERSITY, PREFERENCE, SAFETY, LoraEvaluation
from genart_assets.loras.promotion import PromotionRules
from genart_assets.quality.suite import Expectation, Suite, above, between, not_null

if TYPE_CHECKING:
    import pandas as pd

INDEX = "candidate"


def promotion_table(report: LoraEvaluation) -> pd.DataFrame:
    """One row: candidate, number of prompts, and the smallest gain of each metric, in its unit and as a share."""
    import pandas as pd

    line: dict[str, object] = {INDEX: report.candidate, "prompts": len(report.prompts)}
    for metric in report.metrics:
        line[f"{metric.metric}_gain"] = metric.gain_low
        line[f"{metric.metric}_share"] = metric.relative_low
    return pd.DataFrame([line])


def promotion_suite(report: LoraEvaluation, rules: PromotionRules) -> Suite:
    """Expects a gain in adherence, and no loss in alignment, diversity or any other measured metric."""
    expectations: list[Expectation] = [
        between("prompts", rules.fewest_prompts, None, f"evaluated on {rules.fewest_prompts} prompts or more"),
        not_null(f"{ADHERENCE}_gain", f"{ADHERENCE} was measured"),
        above(f"{ADHERENCE}_gain", rules.adherence_gain, f"{ADHERENCE} rises by more than {rules.adherence_gain:g}"),
    ]
    shares = {ALIGNMENT: rules.alignment_loss, DIVERSITY: rules.diversity_loss}
    for name, loss in shares.items():
        expectations.append(not_null(f"{name}_share", f"{name} was measured"))
        expectations.append(between(f"{name}_share", -loss, None, f"{name} falls by no more than {loss:.0%}"))
    for name, loss in {SAFETY: rules.safety_loss, PREFERENCE: rules.preference_loss}.items():
        if report.metric(name) is not None:
            expectations.append(between(f"{name}_gain", -loss, None, f"{name} gets worse by no more than {loss:g}"))
    return Suite(name=f"promotion of {report.candidate}", expectations=tuple(expectations))
