"""The typed records that flow through the platform. Every one is frozen; units stand in the field descriptions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

BRIEF_ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}$"
HEX_COLOUR_PATTERN = r"^#[0-9a-fA-F]{6}$"

SchedulerName = Literal["model", "ddim", "euler", "dpm++", "unipc"]
DeliverableFormat = Annotated[str, Field(description="name of a registered deliverable format, for example png")]


def canonical_json(value: JsonValue) -> str:
    """JSON with sorted keys, no spaces, UTF-8 kept, floats in Python's shortest round-trip form; NaN is refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_hex(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, protected_namespaces=())

    def canonical(self) -> str:
        """The record as canonical JSON: equal records give equal text."""
        return canonical_json(self.model_dump(mode="json"))


# --- what the studio writes ------------------------------------------------------------------------------------------


class Sampler(Record):
    scheduler: SchedulerName = Field("model", description="sampler; 'model' is the one that the model ships")
    steps: int = Field(20, ge=1, le=1000, description="denoising steps")
    guidance: float = Field(5.0, ge=1.0, le=50.0, description="classifier-free guidance scale; 1 is off")


class LoraUse(Record):
    name: str = Field(description="registered LoRA")
    version: str = Field("promoted", description="a version of it, or 'promoted'")
    scale: float = Field(1.0, ge=-4.0, le=4.0, description="weight of the LoRA, 1 is as trained")


class ControlUse(Record):
    kind: Literal["silhouette"] = Field(description="what the control image shows")
    image: str = Field(description="path template of the control image, relative to the brief's folder")
    scale: float = Field(1.0, ge=0.0, le=4.0, description="conditioning scale, 1 is as trained")


class Latitudes(Record):
    """The bounds of the search space; retries and agents move inside them only."""

    guidance: tuple[float, float] | None = Field(None, description="lowest and highest guidance scale")
    steps: tuple[int, int] | None = Field(None, description="fewest and most denoising steps")
    lora_scale: tuple[float, float] | None = Field(None, description="lowest and highest LoRA scale")
    control_scale: tuple[float, float] | None = Field(None, description="lowest and highest control scale")
    alternative_prompts: tuple[str, ...] = Field((), description="prompt templates that may replace the prompt")


class Bound(Record):
    """One expectation on a critic's score, in the critic's unit; both ends are inclusive."""

    min: float | None = None
    max: float | None = None


class Palette(Record):
    background: Annotated[str, Field(pattern=HEX_COLOUR_PATTERN)] | dict[str, str] = Field(
        description="sRGB colour of the background, or one colour for each value of vary.background"
    )
    max_delta_e: float = Field(12.0, gt=0, description="largest CIEDE2000 distance of the background")


class StyleGuide(Record):
    clip_model: str = Field("starter", description="the CLIP critic: starter, a directory, or hub-id@revision")
    palette: Palette | None = None
    expect: dict[str, Bound] = Field(default_factory=dict, description="critic name to the bound on its score")


class Retry(Record):
    rounds: int = Field(0, ge=0, le=20, description="retry rounds after the first")


class Review(Record):
    sample: float = Field(0.0, ge=0, le=1, description="share of the passing images that a person sees")


class Deliver(Record):
    formats: tuple[DeliverableFormat, ...] = Field(("png",), min_length=1)
    sizes: tuple[Annotated[int, Field(ge=1, le=8192)], ...] = Field((), description="longest sides in px; () is as rendered")


class Brief(Record):
    """What the studio orders. Architecture page, section 6, has an example with every key."""

    brief: str = Field(pattern=BRIEF_ID_PATTERN, description="id of the brief")
    prompt: str = Field(min_length=1, description="template; {name} is replaced by each value of vary.name")
    vary: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="every combination, in order, is a slot")
    repeats: int = Field(1, ge=1, description="slots per combination, each with its own seed")
    negative_prompt: str = ""
    model: str = Field("starter", description="starter, a directory, or hub-id@revision")
    size: tuple[int, int] = Field((64, 64), description="width and height in px")
    sampler: Sampler = Sampler()
    loras: tuple[LoraUse, ...] = ()
    control: ControlUse | None = None
    latitudes: Latitudes = Latitudes()
    style_guide: StyleGuide = StyleGuide()
    retry: Retry = Retry()
    review: Review = Review()
    deliver: Deliver = Deliver()

    @cached_property
    def brief_hash(self) -> str:
        """SHA-256 of the canonical JSON: the brief's content, whatever its file's layout or comments."""
        return sha256_hex(self.canonical())

    @property
    def slot_count(self) -> int:
        count = self.repeats
        for values in self.vary.values():
            count *= len(values)
        return count


# --- what the planner makes ------------------------------------------------------------------------------------------


class Slot(Record):
    """One wanted image of a brief; the same slot across retries."""

    brief: str
    index: int = Field(ge=0, description="position among the brief's slots, repeats innermost")
    values: dict[str, str] = Field(description="the combination of vary, name to value")
    repeat: int = Field(ge=0)


class Schedule(Record):
    """The noise schedule: which scheduler, configured how, visiting which timesteps."""

    scheduler: str = Field(description="diffusers scheduler class")
    config: dict[str, JsonValue] = Field(description="the scheduler's whole config")
    timesteps: tuple[float, ...] = Field(description="timesteps visited, first to last")


class Recipe(Record):
    """Everything that determines one image's bits on a given hardware class."""

    prompt: str
    negative_prompt: str
    seed: int = Field(ge=0, lt=2**64, description="seed of the image's CPU noise generator")
    schedule: Schedule
    steps: int = Field(ge=1)
    guidance: float = Field(ge=1.0)
    width: int = Field(ge=8, description="px")
    height: int = Field(ge=8, description="px")
    loras: tuple[LoraUse, ...] = ()
    control: ControlUse | None = None
    model_snapshot: str = Field(description="snapshot id of the weights and configs")

    @cached_property
    def recipe_id(self) -> str:
        """SHA-256 of the canonical JSON, 64 hex digits: one recipe planned twice is one recipe."""
        return sha256_hex(self.canonical())


class PlannedImage(Record):
    """One row of a batch's plan."""

    slot: Slot
    round: int = Field(ge=0, description="0 for the first try, 1, 2, … for retries")
    recipe: Recipe

    @property
    def recipe_id(self) -> str:
        return self.recipe.recipe_id


class Batch(Record):
    """The unit of materialisation: a range of a brief's slots in one round, rendered with one model snapshot."""

    key: str = Field(description="Dagster partition key")
    brief: str
    brief_hash: str
    model: str
    model_snapshot: str
    round: int = Field(ge=0)
    index: int = Field(ge=0, description="position among the round's batches")
    first_slot: int = Field(ge=0)
    rows: int = Field(ge=1, description="planned images")


class ModelSnapshot(Record):
    """The exact weights and configs of a model."""

    name: str = Field(description="as the brief names it")
    snapshot_id: str = Field(description="SHA-256 over the relative paths and hashes of the files")
    files: Mapping[str, str] = Field(description="relative path to SHA-256 of the content")
    bytes: int = Field(ge=0)
    licence: str = Field("unknown", description="SPDX id or the licence file's first line")


# --- what the gate and the delivery make -----------------------------------------------------------------------------


class FailedExpectation(Record):
    """One unmet expectation: what was measured against which bound."""

    expectation: str = Field(description="critic's name, or the structural reason")
    value: float | None = Field(description="the score in the critic's unit; None if there is none")
    min: float | None = None
    max: float | None = None
    reason: str = Field("", description="why there is no score")


class Verdict(Record):
    recipe_id: str
    passed: bool
    failed: tuple[FailedExpectation, ...] = ()


class Delivery(Record):
    """One delivered file."""

    recipe_id: str
    format: str
    size: int = Field(description="longest side in px")
    path: str = Field(description="relative to the storage root")
    sha256: str
    bytes: int
