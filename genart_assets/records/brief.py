"""Defines the brief: what a studio orders."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, cast

from pydantic import Field, ValidationInfo, field_serializer, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from genart_assets.records.base import BRIEF_ID_PATTERN, Record, canonical_json, sha256_hex
from genart_assets.records.fields import (
    ControlKind,
    ControlScale,
    DeliverableFormat,
    Guidance,
    GuidanceRescale,
    LoraScale,
    Reference,
    SchedulerName,
    Side,
    SnapshotPin,
    Steps,
    Strength,
)
from genart_assets.records.style_guide import BatchBounds, StyleGuide


class Sampler(Record):
    scheduler: SchedulerName = Field(default="model", description="sampler; 'model' is the one that the model ships")
    steps: Steps = Field(default=20, description="denoising steps")
    guidance: Guidance = Field(default=5.0, description="classifier-free guidance scale; 1 is off")
    guidance_rescale: GuidanceRescale = 0.0


class LoraUse(Record):
    name: str = Field(description="shipped LoRA, a directory, a .safetensors file, or hub-id@revision")
    version: str | None = Field(default=None, description="of a registered LoRA, or 'promoted'; files have none")
    scale: LoraScale = Field(default=1.0, description="weight of the LoRA, 1 is as trained")
    snapshot: SnapshotPin = ""


class ControlUse(Record):
    kind: ControlKind = Field(description="what the control image shows")
    model: str | None = Field(
        default=None,
        description="ControlNet or T2I-Adapter: a directory, or hub-id@revision; the shipped one if left out",
    )
    image: str = Field(description="path template of the control image, relative to the brief's folder")
    scale: ControlScale = Field(default=1.0, description="conditioning scale, 1 is as trained")
    snapshot: SnapshotPin = ""
    images: SkipJsonSchema[dict[str, Reference]] = Field(
        default_factory=dict[str, Reference], description="the template's paths, filled, once the images were read"
    )


class StartUse(Record):
    """A picture that denoising starts from instead of noise alone (img2img), or repaints a part of (inpainting)."""

    image: str = Field(description="path template of the picture, relative to the brief's folder")
    mask: str | None = Field(
        default=None, description="likewise of a mask: white is repainted, black stays the picture's own pixels"
    )
    strength: Strength = 0.8
    images: SkipJsonSchema[dict[str, Reference]] = Field(
        default_factory=dict[str, Reference], description="the templates' paths, filled, once the pictures were read"
    )
    masks: SkipJsonSchema[dict[str, Reference]] = Field(
        default_factory=dict[str, Reference], description="likewise for the masks"
    )


class Latitudes(Record):
    """The bounds of the search space; retries and agents move inside them only."""

    guidance: tuple[Guidance, Guidance] | None = Field(default=None, description="lowest and highest guidance scale")
    steps: tuple[Steps, Steps] | None = Field(default=None, description="fewest and most denoising steps")
    lora_scale: tuple[LoraScale, LoraScale] | None = Field(default=None, description="lowest and highest LoRA scale")
    control_scale: tuple[ControlScale, ControlScale] | None = Field(
        default=None, description="lowest and highest control scale"
    )
    strength: tuple[Strength, Strength] | None = Field(
        default=None, description="lowest and highest strength of the start picture's change"
    )
    alternative_prompts: tuple[str, ...] = Field(default=(), description="prompt templates that may replace the prompt")
    negative_prompts: tuple[str, ...] = Field(
        default=(), description="negative prompts that may replace the negative prompt, weaker ones first"
    )


MOVES = (
    "less_guidance",
    "more_guidance",
    "next_prompt",
    "more_steps",
    "stronger_negative",
    "more_lora",
    "less_lora",
    "less_control",
    "more_control",
    "more_strength",
    "less_strength",
    "new_seed",
)
"""All retry moves, those of which most is hoped in front, unless a brief says otherwise."""


class Retry(Record):
    rounds: int = Field(default=0, ge=0, le=20, description="retry rounds after the first")
    moves: tuple[str, ...] = Field(
        default=MOVES, min_length=1, description="retry moves that may be made, those of which most is hoped in front"
    )


class Review(Record):
    """Written in a brief as none, all or {sample: share}."""

    sample: float = Field(default=0.0, ge=0, le=1, description="share of the passing images that a person sees")

    @model_validator(mode="before")
    @classmethod
    def _read_word(cls, value: Any) -> Any:
        words = {"none": {"sample": 0.0}, "all": {"sample": 1.0}}
        return words.get(value, value) if isinstance(value, str) else value


class Deliver(Record):
    formats: tuple[DeliverableFormat, ...] = Field(default=("png",), min_length=1)
    sizes: tuple[Annotated[int, Field(ge=1, le=8192)], ...] = Field(
        default=(), description="longest sides in px; () is as rendered"
    )


class Brief(Record):
    """What the studio orders. Architecture page, section 6, has an example with every key."""

    brief: str = Field(
        pattern=BRIEF_ID_PATTERN, description="id: a-z, 0-9 and -, at most 64 characters, the first one no -"
    )
    prompt: str = Field(min_length=1, description="template; {name} is replaced by each value of vary.name")
    vary: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="every combination, in order, is a slot")
    repeats: int = Field(default=1, ge=1, description="slots per combination, each with its own seed")
    negative_prompt: str = ""
    model: str = Field(default="starter", description="starter, a directory, or hub-id@revision")
    size: tuple[Side, Side] = Field(default=(64, 64), description="width and height in px")
    sampler: Sampler = Sampler()
    loras: tuple[LoraUse, ...] = ()
    control: ControlUse | None = None
    start: StartUse | None = None
    latitudes: Latitudes = Latitudes()
    style_guide: StyleGuide = StyleGuide()
    retry: Retry = Retry()
    review: Review = Review()
    deliver: Deliver = Deliver()

    @field_serializer("vary", when_used="json")
    def _keep_order(self, vary: dict[str, tuple[str, ...]]) -> list[tuple[str, tuple[str, ...]]]:
        """Pairs: the order of vary is the order of the slots, and canonical JSON sorts the keys of objects."""
        return list(vary.items())

    @field_validator("vary", mode="before")
    @classmethod
    def _read_pairs(cls, vary: Any, info: ValidationInfo) -> Any:
        return dict(cast("list[Any]", vary)) if info.mode == "json" and isinstance(vary, list) else vary

    def canonical(self) -> str:
        """The brief as canonical JSON without what is at its default.

        So a key that a later release adds leaves the hash of every older brief alone; a default, once released, never
        changes.
        """
        return canonical_json(self.model_dump(mode="json", exclude_defaults=True))

    @cached_property
    def brief_hash(self) -> str:
        """SHA-256 of the canonical JSON: the brief's content, whatever its file's layout or comments."""
        return sha256_hex(self.canonical())

    @property
    def loops(self) -> bool:
        """Whether something follows the verdicts of a round: retries, or a person's review."""
        return bool(self.retry.rounds or self.review.sample or self.style_guide.batch != BatchBounds())

    @property
    def slot_count(self) -> int:
        count = self.repeats
        for values in self.vary.values():
            count *= len(values)
        return count


def control_name(use: ControlUse) -> str:
    """The name of the ControlNet that a brief means: its own, or the shipped one of the kind."""
    return use.model or use.kind
