"""Moves of words: the brief's alternative prompts, and its stronger negative prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from genart_assets.moves.attempts import base_of
from genart_assets.moves.protocol import EVERY
from genart_assets.records import Attempt, Brief, Settings


@dataclass(frozen=True)
class NextPrompt:
    """Say it in other words: the first alternative prompt that the slot has not tried."""

    name: str
    repairs: frozenset[str]

    def propose(self, brief: Brief, attempts: Sequence[Attempt]) -> Settings | None:
        tried = {attempt.settings.prompt for attempt in attempts}
        left = [prompt for prompt in brief.latitudes.alternative_prompts if prompt not in tried]
        return base_of(attempts).model_copy(update={"prompt": left[0]}) if left else None


@dataclass(frozen=True)
class StrongerNegative:
    """Keep away from more: the first negative prompt of the latitudes that the slot has not tried."""

    name: str
    repairs: frozenset[str]

    def propose(self, brief: Brief, attempts: Sequence[Attempt]) -> Settings | None:
        tried = {attempt.settings.negative_prompt for attempt in attempts}
        left = [prompt for prompt in brief.latitudes.negative_prompts if prompt not in tried]
        return base_of(attempts).model_copy(update={"negative_prompt": left[0]}) if left else None


@dataclass(frozen=True)
class NewSeed:
    """Draw again with another seed and nothing else changed."""

    name: str
    repairs: frozenset[str]

    def propose(self, brief: Brief, attempts: Sequence[Attempt]) -> Settings | None:
        return base_of(attempts)


next_prompt = NextPrompt("next_prompt", frozenset({EVERY}))
stronger_negative = StrongerNegative("stronger_negative", frozenset({EVERY}))
new_seed = NewSeed("new_seed", frozenset({EVERY}))
