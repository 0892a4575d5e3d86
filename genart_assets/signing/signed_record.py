"""Defines what the signature of a delivered file states, in C2PA's terms and in ours."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from genart_assets.deliverables.embedded import TOOL
from genart_assets.deliverables.xmp import source_type
from genart_assets.records.base import Record

RECORD_LABEL = f"{TOOL}.record"
ACTIONS_LABEL = "c2pa.actions.v2"

Action = Literal["accepted", "resized", "converted", "vectorised"]

_ACTIONS: dict[Action, tuple[str, str]] = {
    "accepted": (f"{TOOL}.accepted", "accepted by a person"),
    "resized": ("c2pa.resized", "scaled to another size"),
    "converted": ("c2pa.converted", "encoded in another format"),
    "vectorised": ("c2pa.converted", "vectorised: traced into filled paths"),
}


class SignedRecord(Record):
    """One delivered file: which recipe and model made its picture, and how it was processed since."""

    brief: str
    brief_hash: str
    batch: str = Field(description="Dagster partition key")
    slot: int = Field(ge=0, description="index of the slot in the brief")
    round: int = Field(ge=0)
    model: str = Field(description="as the brief names it")
    model_snapshot: str
    recipe_id: str
    pixel_sha256: str = Field(description="hash of the picture as rendered")
    file: str = Field(description="name under which the file was delivered")
    format: str
    width: int = Field(description="px; the nominal size of a format without pixels")
    height: int = Field(description="px; the nominal size of a format without pixels")
    start: str | None = Field(default=None, description="hash of the start picture's pixels; None if there is none")
    actions: tuple[Action, ...] = Field(description="what was done to the rendered picture, in this order")

    def assertions(self) -> list[JsonValue]:
        """The C2PA assertions: this record, and the actions, the first of which is the creation by a model."""
        created: JsonValue = {
            "action": "c2pa.created",
            "digitalSourceType": source_type(started=self.start is not None),
            "softwareAgent": {"name": TOOL},
            # in a sentence, since c2pa writes an action's parameters in random order
            "description": f"rendered by model {self.model}, snapshot {self.model_snapshot}, recipe {self.recipe_id}"
            + (f", from a picture with pixels {self.start}" if self.start else ""),
        }
        since: list[JsonValue] = [
            {"action": label, "description": text} for label, text in (_ACTIONS[action] for action in self.actions)
        ]
        return [
            {"label": ACTIONS_LABEL, "data": {"actions": [created, *since]}},
            {"label": RECORD_LABEL, "data": self.model_dump(mode="json", exclude_none=True)},
        ]
