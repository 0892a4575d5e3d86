"""Defines what people decide about images."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, field_validator, model_validator

from genart_assets.records.base import ORDER_KEY_PATTERN, Record
from genart_assets.records.plan import Settings

Action = Literal["accept", "reject", "redo", "score", "tag", "undo"]


Defect = Literal[
    "anatomy", "artefact", "blur", "colour", "composition", "off-style", "text", "wrong-subject", "other"
]  # fmt: skip


DecisionId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


_SAID_BY: dict[str, str] = {"redo": "settings", "score": "score", "tag": "tags", "undo": "undoes"}
"""The field that an action comes with; accept and reject come with none."""


class Decision(Record):
    """What a reviewer decided about one image, by one press of a key."""

    id: DecisionId = Field(description="made once a key press: what is posted again is the same decision")
    order: str = Field(pattern=ORDER_KEY_PATTERN, description="order key")
    recipe_id: str = Field(pattern=r"^[0-9a-f]{64}$")
    action: Action
    score: int | None = Field(default=None, ge=1, le=5, description="1 is worst, 5 is best")
    tags: tuple[Defect, ...] = Field(default=(), max_length=9, description="defects that the reviewer sees")
    settings: Settings | None = Field(default=None, description="what the slot shall be rendered with again")
    undoes: DecisionId | None = Field(default=None, description="the decision that is taken back")
    reviewer: str = Field(min_length=1, max_length=64, description="name")
    time: AwareDatetime = Field(description="UTC, when the server took it")

    @field_validator("reviewer")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not name.isprintable() or name != name.strip():
            raise ValueError("must be printable, without spaces at its ends")
        return name

    @field_validator("time")
    @classmethod
    def _in_utc(cls, time: datetime) -> datetime:
        return time.astimezone(UTC)

    @model_validator(mode="after")
    def _says_what_its_action_needs(self) -> Self:
        said = {name for name in _SAID_BY.values() if getattr(self, name) not in (None, ())}
        needed = {_SAID_BY[self.action]} if self.action in _SAID_BY else set[str]()
        if said != needed:
            raise ValueError(f"{self.action} comes with {_named(needed)}, not with {_named(said)}")
        return self


def _named(fields: set[str]) -> str:
    return " and ".join(sorted(fields)) or "nothing else"


class Reviewed(Record):
    """An image about which a person's word holds."""

    recipe_id: str
    slot_index: int
    batch: str = Field(description="batch key")
    reviewer: str
