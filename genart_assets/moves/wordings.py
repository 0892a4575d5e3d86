"""Moves of words: the brief's alternative prompts, and its stronger negative prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from genart_assets.moves.protocol import EVERY, Answers
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Change
from genart_assets.records.retry import Attempt


@dataclass(frozen=True)
class NextWording:
    """Say it in other words: the first of the brief's alternatives that the slot has not tried."""

    name: str
    of: Literal["prompt", "negative_prompt"]
    """Which of the settings is worded anew."""
    answers: Answers

    def propose(self, brief: Brief, attempts: Sequence[Attempt]) -> Change | None:
        bounds = brief.latitudes
        alternatives = bounds.alternative_prompts if self.of == "prompt" else bounds.negative_prompts
        tried = {getattr(attempt.settings, self.of) for attempt in attempts}
        left = [wording for wording in alternatives if wording not in tried]
        return Change.model_validate({self.of: left[0]}) if left else None


@dataclass(frozen=True)
class NewSeed:
    """Draw again with another seed and nothing else changed."""

    name: str
    answers: Answers

    def propose(self, brief: Brief, attempts: Sequence[Attempt]) -> Change | None:
        return Change()


next_prompt = NextWording("next_prompt", "prompt", EVERY)
stronger_negative = NextWording("stronger_negative", "negative_prompt", EVERY)
new_seed = NewSeed("new_seed", EVERY)
