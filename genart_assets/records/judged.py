"""Defines a judged image: one row of a batch with all that the gate and people said of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pydantic import Field

from genart_assets.records.base import Record
from genart_assets.records.plan import PlannedImage
from genart_assets.records.verdict import FAILED_EXPECTATIONS, Verdict


class Score(Record):
    """What one critic gave an image."""

    critic: str
    score: float | None = Field(description="in the critic's unit; None if there is none")
    unit: str
    direction: str
    version: str = Field(description="version of the critic")
    reason: str = Field(description="why there is no score")


@dataclass(frozen=True)
class JudgedImage:
    planned: PlannedImage
    scores: tuple[Score, ...]
    """In the critics' order."""
    passed: bool | None
    """Whether it passed its gate; None where it has no verdict."""
    failed: str
    """As it is stored: canonical JSON, a list of FailedExpectation."""
    held: str | None
    """Why the whole batch waits for a person; None where it does not."""
    pixel_sha256: str | None
    """Of the picture as rendered; None where there is none, as is the next."""
    path: str | None
    """Of the picture, relative to the storage root."""
    selected: bool
    """Whether it goes to delivery by its verdict."""
    accepted_by: str | None = None
    """The reviewer who accepted it, whatever its verdict; None where nobody did."""

    @property
    def recipe_id(self) -> str:
        return self.planned.recipe_id

    @property
    def is_chosen(self) -> bool:
        """Whether it is to be delivered."""
        return self.selected or self.accepted_by is not None

    @cached_property
    def verdict(self) -> Verdict:
        """The verdict; without one it is not a pass."""
        failed = FAILED_EXPECTATIONS.validate_json(self.failed)
        return Verdict(recipe_id=self.recipe_id, passed=bool(self.passed), failed=failed)
