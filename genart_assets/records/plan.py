"""Defines what the planner makes: slots, their settings, planned images and batches."""

from __future__ import annotations

from pydantic import Field

from genart_assets.records.base import Record
from genart_assets.records.recipe import Recipe


class Slot(Record):
    """One wanted image of a brief; the same slot across retries."""

    brief: str
    index: int = Field(ge=0, description="position among the brief's slots, repeats innermost")
    values: dict[str, str] = Field(description="the combination of vary, name to value")
    repeat: int = Field(ge=0)


class Settings(Record):
    """What retries may change of a slot, inside the brief's latitudes; the rest of its recipe is the brief's."""

    prompt: str = Field(description="template")
    negative_prompt: str
    steps: int
    guidance: float
    lora_scales: tuple[float, ...] = Field(default=(), description="one for each LoRA of the brief")
    control_scale: float | None = None
    strength: float | None = None


class Change(Record):
    """What a retry move, a reviewer or an agent wants otherwise in a slot's settings; what is None stays."""

    prompt: str | None = Field(default=None, description="template")
    negative_prompt: str | None = None
    steps: int | None = None
    guidance: float | None = None
    lora_scales: tuple[float, ...] | None = None
    control_scale: float | None = None
    strength: float | None = None


class Origin(Record):
    """Where a retry comes from."""

    parent: str = Field(description="recipe id of the slot's attempt before")
    move: str = Field(description="name of the retry move")
    reason: str = Field(description="the unmet expectation that the move answers, with value and bound")


class PlannedImage(Record):
    """One row of a batch's plan."""

    slot: Slot
    round: int = Field(ge=0, description="0 for the first try, 1, 2, … for retries")
    recipe: Recipe
    origin: Origin | None = Field(default=None, description="None for the first try")

    @property
    def recipe_id(self) -> str:
        return self.recipe.recipe_id


BATCH_ROWS = 128
"""Images of a batch unless the command line says otherwise: many enough that loading a model is a small part of it."""


class Batch(Record):
    """The unit of materialisation: a range of one round's rows, rendered with one model snapshot."""

    key: str = Field(description="Dagster partition key")
    brief: str
    brief_hash: str
    model: str
    model_snapshot: str
    round: int = Field(ge=0)
    index: int = Field(ge=0, description="position among the round's batches")
    first_row: int = Field(ge=0, description="position in the round: of a slot in round 0, of a retry in later ones")
    rows: int = Field(ge=1, description="planned images")

    @property
    def order(self) -> str:
        """Key of the order that the batch belongs to."""
        return order_of(self.key)


def order_of(batch_key: str) -> str:
    """``spring-market.0123456789.r0.0003`` belongs to order ``spring-market.0123456789``."""
    return batch_key.rsplit(".", 2)[0]
