"""The studio's latitudes: what no brief may go beyond, whoever writes it."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field, FiniteFloat, field_validator

from genart_assets.records.base import Record
from genart_assets.records.fields import ControlScale, Guidance, LoraScale, Steps, Strength
from genart_assets.records.words import words_of

Range = tuple[float, float]
_Text = Annotated[str, Field(min_length=1)]
_Count = Annotated[int, Field(ge=1)]


class StudioLatitudes(Record):
    """Bounds for every brief of a studio; a brief's own latitudes can only be narrower. What is left out is free.

    They say which orders are taken, and are no part of one: neither recipes nor the hash of a brief know them, so one
    word more that is forbidden renders nothing anew. An order keeps beside its brief those that it was accepted under.
    """

    forbidden_words: tuple[_Text, ...] | None = Field(
        default=None,
        min_length=1,
        description="words and phrases that stand in no prompt, once vary is filled in; negative prompts may name them",
    )
    models: tuple[_Text, ...] | None = Field(
        default=None,
        min_length=1,
        description="base models, LoRAs and ControlNets that may be used: shipped names, org/name@revision, absolute "
        "paths; * stands for any characters",
    )
    licences: tuple[_Text, ...] | None = Field(
        default=None,
        min_length=1,
        description="licences that weights may have: the first line of their LICENSE file; * stands for any characters",
    )
    guidance: tuple[Guidance, Guidance] | None = Field(default=None, description="lowest and highest guidance scale")
    steps: tuple[Steps, Steps] | None = Field(default=None, description="fewest and most denoising steps")
    lora_scale: tuple[LoraScale, LoraScale] | None = Field(default=None, description="lowest and highest LoRA scale")
    control_scale: tuple[ControlScale, ControlScale] | None = Field(
        default=None, description="lowest and highest control scale"
    )
    strength: tuple[Strength, Strength] | None = Field(
        default=None, description="lowest and highest strength of the start picture's change"
    )
    most_pixels: _Count | None = Field(default=None, description="of one image, width times height")
    most_images: _Count | None = Field(
        default=None, description="of one brief, if every slot is tried in every round: slots times (1 + retry rounds)"
    )
    most_megapixel_steps: FiniteFloat | None = Field(
        default=None,
        gt=0,
        description="of one brief, if every slot is tried in every round, retries with the most steps that its "
        "latitudes allow: sum over the images of denoising steps times 10^6 pixels",
    )

    @field_validator("forbidden_words")
    @classmethod
    def _has_words(cls, phrases: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for phrase in phrases or ():
            if not words_of(phrase):
                raise ValueError(f"{phrase!r} has no letter or digit, so no prompt could hold it; remove it")
        return phrases

    @field_validator("guidance", "steps", "lora_scale", "control_scale", "strength")
    @classmethod
    def _is_ordered(cls, ends: Range | None) -> Range | None:
        if ends is not None and ends[0] > ends[1]:
            raise ValueError(f"given [{ends[0]:g}, {ends[1]:g}]; allowed: the lower bound first")
        return ends


UNBOUND = StudioLatitudes()
"""Those of a studio that has none."""


SHOWN = 10
"""Allowed names that a refusal lists."""


def is_allowed(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name is one of ``patterns``: as written, or with ``*``, ``?`` and ``[]`` as in file names."""
    return name in patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def allowing(patterns: Sequence[str]) -> str:
    """What a refusal says of the names that are allowed."""
    more = f" and {len(patterns) - SHOWN} more" if len(patterns) > SHOWN else ""
    return f"studio.yaml allows {', '.join(patterns[:SHOWN])}{more}"
