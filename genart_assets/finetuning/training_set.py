"""Defines what a style LoRA learns from: accepted images, and pairs of a better and a worse one."""

from __future__ import annotations

from pydantic import Field

from genart_assets.records.base import Record, sha256_hex


class TrainingSetRules(Record):
    """Which images a training set may hold."""

    fewest: int = Field(default=60, ge=1, description="smallest number of images in a training set")
    least_score: int = Field(
        default=1, ge=1, le=5, description="lowest score from reviewers; an image without a score is included"
    )
    least: dict[str, float] = Field(
        default_factory=dict,
        description="lowest value of each feature or critic; an image without the value is left out",
    )
    group: str = Field(default="subject", description="name in the brief's vary by which the set is balanced")
    most_per_group: int = Field(default=8, ge=1, description="largest number of images of one group")
    near: float = Field(
        default=0.985, gt=0, le=1, description="cosine similarity from which two images count as duplicates"
    )


class TrainingRow(Record):
    """One image to learn from."""

    recipe_id: str
    pixel_sha256: str
    path: str
    prompt: str
    group: str
    score: int | None
    weight: float = Field(gt=0, description="how often the image is drawn; 1 for an image without a score")


class PreferencePair(Record):
    """Two images of one slot or prompt: reviewers accepted one and rejected the other."""

    recipe_id: str = Field(description="recipe id of the rejected image")
    slot: str = Field(description="slot of the rejected image")
    prompt: str = Field(description="prompt of the accepted image")
    preferred_sha256: str
    preferred_path: str
    rejected_sha256: str
    rejected_path: str


class TrainingSet(Record):
    """The images and pairs of one training set, with the rules that chose them."""

    rules: TrainingSetRules
    width: int
    height: int
    model_snapshots: tuple[str, ...] = Field(description="snapshots of the models that drew the images, sorted")
    rows: tuple[TrainingRow, ...] = Field(description="by group, then by pixel hash")
    pairs: tuple[PreferencePair, ...] = Field(description="by slot, then by the rejected one's hash")

    @property
    def id(self) -> str:
        """SHA-256 of the canonical JSON of the whole set."""
        return sha256_hex(self.canonical())
