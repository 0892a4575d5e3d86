"""Defines the recipe: everything that determines one image's bits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from pydantic import Field, JsonValue

from genart_assets.records.base import Record, canonical_json, sha256_hex
from genart_assets.records.fields import ControlKind, GuidanceRescale


class Schedule(Record):
    """The noise schedule: which scheduler, configured how, visiting which timesteps."""

    scheduler: str = Field(description="diffusers scheduler class")
    config: dict[str, JsonValue] = Field(description="the scheduler's whole config")
    timesteps: tuple[float, ...] = Field(description="timesteps visited, first to last")

    @cached_property
    def canonical_form(self) -> str:
        return super().canonical()

    def canonical(self) -> str:
        """The record as canonical JSON, made once: a batch's recipes share one schedule of up to 1,000 timesteps."""
        return self.canonical_form


class RecipeLora(Record):
    """A LoRA as a recipe uses it: these weights, at this scale."""

    name: str = Field(description="shipped name, hub-id@revision, or the file's name: no path")
    snapshot: str = Field(description="snapshot id of its file")
    scale: float = Field(description="weight, 1 is as trained")


class RecipeControl(Record):
    """A control image as a recipe uses it: these pixels, through these weights, at this scale."""

    kind: ControlKind
    snapshot: str = Field(description="snapshot id of the ControlNet or T2I-Adapter")
    image: str = Field(description="SHA-256 over the control image's pixels; names it in the storage")
    scale: float = Field(description="conditioning scale, 1 is as trained")


class RecipeStart(Record):
    """A start picture as a recipe uses it: these pixels, changed that far, everywhere or where the mask is white."""

    image: str = Field(description="SHA-256 over the picture's pixels; names it in the storage")
    strength: float = Field(description="share of the steps that are taken")
    mask: str | None = Field(
        default=None, description="likewise of the mask; outside of it the image has the picture's own pixels"
    )


class Recipe(Record):
    """Everything that determines one image's bits on a given hardware class."""

    prompt: str
    negative_prompt: str
    seed: int = Field(ge=0, lt=2**64, description="seed of the image's CPU noise generator")
    schedule: Schedule
    steps: int = Field(ge=1)
    guidance: float = Field(ge=1.0)
    guidance_rescale: GuidanceRescale = 0.0
    width: int = Field(ge=8, description="px")
    height: int = Field(ge=8, description="px")
    loras: tuple[RecipeLora, ...] = Field(default=(), description="added up in this order")
    control: RecipeControl | None = None
    start: RecipeStart | None = None
    model_snapshot: str = Field(description="snapshot id of the weights and configs")

    def canonical(self) -> str:
        """The recipe as canonical JSON, without what is at its default, around the schedule's own form."""
        fields = self.model_dump(mode="json", exclude={"schedule"}, exclude_defaults=True)
        members = {name: canonical_json(value) for name, value in fields.items()}
        members["schedule"] = self.schedule.canonical()
        return "{" + ",".join(f'"{name}":{members[name]}' for name in sorted(members)) + "}"

    @cached_property
    def recipe_id(self) -> str:
        """SHA-256 of the canonical JSON, 64 hex digits: one recipe planned twice is one recipe."""
        return sha256_hex(self.canonical())


class ModelSnapshot(Record):
    """The exact weights and configs of a model."""

    name: str = Field(description="as the brief names it")
    snapshot_id: str = Field(description="SHA-256 over the relative paths and hashes of the files")
    files: Mapping[str, str] = Field(description="relative path to SHA-256 of the content")
    bytes: int = Field(ge=0)
    licence: str = Field(default="unknown", description="SPDX id or the licence file's first line")


def steps_taken(steps: int, strength: float) -> int:
    """How many of a schedule's last steps are denoised, as diffusers counts: 12 of 20 at 0.6."""
    return min(int(steps * strength), steps)
