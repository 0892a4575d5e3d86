"""Defines what a style LoRA learns from: accepted images, and pairs of a better and a worse one."""

from __future__ import annotations

from pydantic import Field

from genart_assets.records.base import Record, sha256_hex


class TrainingSetRules(Record):
    """What may be learnt from."""

    fewest: int = Field(default=60, ge=1, description="images below which no set is made")
    least_score: int = Field(default=1, ge=1, le=5, description="lowest score from people; an image without one stays")
    least: dict[str, float] = Field(
        default_factory=dict, description="feature or critic to the lowest value; an image without one is left out"
    )
    group: str = Field(default="subject", description="the name in the brief's vary over which the set is balanced")
    most_per_group: int = Field(default=8, ge=1, description="images of one group")
    near: float = Field(default=0.985, gt=0, le=1, description="cosine from which two images show the same")


class TrainingRow(Record):
    """One image to learn from."""

    recipe_id: str
    pixel_sha256: str
    path: str
    prompt: str
    group: str
    score: int | None
    weight: float = Field(gt=0, description="how often it is drawn, against 1 of an image without a score")


class PreferencePair(Record):
    """Two images of one slot or of one prompt, of which people accepted the one and rejected the other."""

    recipe_id: str = Field(description="of the rejected one")
    slot: str = Field(description="of the rejected one")
    prompt: str = Field(description="of the accepted one")
    preferred_sha256: str
    preferred_path: str
    rejected_sha256: str
    rejected_path: str


class TrainingSet(Record):
    rules: TrainingSetRules
    width: int
    height: int
    model_snapshots: tuple[str, ...] = Field(description="of the models that drew the images, sorted")
    rows: tuple[TrainingRow, ...] = Field(description="by group, then by pixel hash")
    pairs: tuple[PreferencePair, ...] = Field(description="by slot, then by the rejected one's hash")

    @property
    def id(self) -> str:
        """SHA-256 of the canonical JSON of all that is in it."""
        return sha256_hex(self.canonical())
