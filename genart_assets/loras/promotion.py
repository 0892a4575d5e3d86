"""Defines what a style LoRA must show to be promoted, and the verdict on it."""

from __future__ import annotations

from pydantic import Field

from genart_assets.records.base import Record


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
