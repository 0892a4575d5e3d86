"""Defines the rules for promoting a style LoRA, and the verdict on a candidate."""

from __future__ import annotations

from pydantic import Field

from genart_assets.records.base import Record


class UnmetRule(Record):
    """A rule that a candidate does not meet."""

    meaning: str = Field(description="what should hold")
    found: float | None = Field(description="the worse end of the interval; None if it could not be measured")


class PromotionVerdict(Record):
    """Whether a candidate may be promoted, and why not."""

    candidate: str = Field(description="version of the candidate")
    baseline: str | None = Field(description="promoted version it was compared with; None for the base model alone")
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
    """What a candidate must show. All bounds apply to the worse end of the 95 % interval, to exclude chance."""

    adherence_gain: float = Field(
        default=0.02,
        ge=0,
        description="smallest rise of style adherence, as cosine; a LoRA that only learns to repeat itself rises a "
        "little as well, by about 0.01 on the shipped model",
    )
    alignment_loss: float = Field(default=0.02, ge=0, description="largest loss of prompt alignment, as a share")
    diversity_loss: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="largest loss of diversity, as a share; a style narrows, a collapse repeats",
    )
    safety_loss: float = Field(default=0.02, ge=0, description="largest loss of safety, in the safety critic's unit")
    preference_loss: float = Field(default=0.02, ge=0, description="largest loss of preference, as a probability")
    fewest_prompts: int = Field(default=20, ge=2, description="smallest number of held-out prompts in the evaluation")
