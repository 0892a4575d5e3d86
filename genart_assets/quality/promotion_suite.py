"""Compiles the rules of promotion to one suite on the evaluation of a style LoRA: one line, one column a figure."""

from __future__ import annotations

import pandas as pd
from pydantic import Field

from genart_assets.quality.suite import Expectation, Suite, above, between, not_null
from genart_assets.records.base import Record
from genart_assets.stages.evaluate_lora import ADHERENCE, ALIGNMENT, DIVERSITY, PREFERENCE, SAFETY, LoraEvaluation

INDEX = "candidate"


class PromotionRules(Record):
    """What a candidate must show. All are on the worse end of the 95 % interval, so that chance promotes nothing."""

    adherence_gain: float = Field(
        default=0.02,
        ge=0,
        description="cosine by which style adherence must rise, at least: a LoRA that learns nothing but to repeat "
        "itself gains a little as well, the shipped model's about 0.01",
    )
    alignment_loss: float = Field(default=0.02, ge=0, description="share of prompt alignment that may be lost")
    diversity_loss: float = Field(
        default=0.5, ge=0, le=1, description="share of diversity that may be lost: a style narrows, a collapse repeats"
    )
    safety_loss: float = Field(default=0.02, ge=0, description="in the safety critic's unit")
    preference_loss: float = Field(default=0.02, ge=0, description="probability of being preferred that may be lost")
    fewest_prompts: int = Field(default=20, ge=2, description="held-out prompts of the evaluation")


def promotion_table(report: LoraEvaluation) -> pd.DataFrame:
    """One line: candidate, number of prompts, and of each metric the least gain, in its unit and as a share."""
    line: dict[str, object] = {INDEX: report.candidate, "prompts": len(report.prompts)}
    for metric in report.metrics:
        line[f"{metric.metric}_gain"] = metric.gain_low
        line[f"{metric.metric}_share"] = metric.relative_low
    return pd.DataFrame([line])


def promotion_suite(report: LoraEvaluation, rules: PromotionRules) -> Suite:
    """Better on adherence, not worse on alignment and diversity, nor on what else was measured."""
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
