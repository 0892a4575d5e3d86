"""How one image came to be, as a record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from pydantic import ConfigDict, Field, field_validator

from genart_assets.records.base import Record
from genart_assets.records.recipe import RecipeControl, RecipeLora, RecipeStart


class CriticScore(Record):
    critic: str
    version: str
    unit: str
    score: float | None = Field(description="None where the critic had none")


class Steering(Record):
    """The part of a recipe that steers the model."""

    model_config = ConfigDict(extra="ignore")

    loras: tuple[RecipeLora, ...] = ()
    control: RecipeControl | None = None
    start: RecipeStart | None = None


class Weights(NamedTuple):
    """Weights that an image was made with."""

    kind: Literal["model", "LoRA", "ControlNet"]
    name: str
    """As the record has it; a ControlNet's is the kind of its control image."""
    snapshot_id: str


class ProvenanceRecord(Record):
    """One row of schemas.PROVENANCE. What an image that failed on the way does not have is None."""

    recipe_id: str
    recipe: str = Field(description="canonical JSON; its SHA-256 is recipe_id")
    brief: str
    brief_hash: str
    batch: str
    slot_index: int
    values: dict[str, str] = Field(description="the slot's values of vary")
    repeat: int
    round: int
    parent: str | None
    move: str | None
    reason: str | None
    model: str
    model_snapshot: str
    prompt: str
    negative_prompt: str
    seed: int
    scheduler: str
    steps: int
    guidance: float
    width: int
    height: int
    prompt_id: str
    negative_prompt_id: str
    noise_sha256: str | None
    latents_sha256: str | None
    pixel_sha256: str | None
    path: str | None = Field(description="of the picture, relative to the storage root")
    denoised_in: str | None = Field(description="environment id")
    decoded_in: str | None = Field(description="environment id")
    run_id: str | None
    micro_batch_rows: int | None
    denoise_seconds: float | None
    began: str | None
    version: str | None
    critic_snapshot: str
    scores: tuple[CriticScore, ...]
    passed: bool
    failed: tuple[dict[str, Any], ...]
    held: str | None
    selected: bool

    @field_validator("values", "scores", "failed", mode="before")
    @classmethod
    def _read_json(cls, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    @property
    def order(self) -> str:
        """Key of the order that the image belongs to."""
        return self.batch.rsplit(".", 2)[0]

    @property
    def steering(self) -> Steering:
        """The LoRAs, the control image and the start picture that the recipe names."""
        return Steering.model_validate_json(self.recipe)

    @property
    def weights(self) -> tuple[Weights, ...]:
        """The model's, and those of the recipe's LoRAs and ControlNet."""
        loras, control = self.steering.loras, self.steering.control
        return (
            Weights("model", self.model, self.model_snapshot),
            *(Weights("LoRA", lora.name, lora.snapshot) for lora in loras),
            *((Weights("ControlNet", control.kind, control.snapshot),) if control else ()),
        )

    @property
    def adapter_snapshots(self) -> tuple[str, ...]:
        """Snapshot ids of the recipe's LoRAs and ControlNet."""
        return tuple(weights.snapshot_id for weights in self.weights if weights.kind != "model")

    @property
    def plan_row(self) -> Mapping[str, Any]:
        """The line of schemas.PLAN that the record holds."""
        fields = self.model_dump()
        return {**fields, "values": json.dumps(self.values, ensure_ascii=False)}
