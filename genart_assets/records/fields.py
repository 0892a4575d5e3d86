"""Defines the fields that several records share, with their units and bounds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from genart_assets.records.base import Record

SchedulerName = Literal["model", "ddim", "euler", "dpm++", "unipc"]


DeliverableFormat = Annotated[str, Field(description="name of a registered deliverable format, for example png")]


FEWEST_STEPS, MOST_STEPS = 1, 1000


LEAST_GUIDANCE, MOST_GUIDANCE = 1.0, 50.0


SHORTEST_SIDE, LONGEST_SIDE, SIDE_STEP = 8, 8192, 8


Steps = Annotated[int, Field(ge=FEWEST_STEPS, le=MOST_STEPS)]


Guidance = Annotated[float, Field(ge=LEAST_GUIDANCE, le=MOST_GUIDANCE)]


GuidanceRescale = Annotated[
    float,
    Field(ge=0.0, le=1.0, description="how far guided predictions are rescaled to the prompt's own contrast; 0 is off"),
]


LoraScale = Annotated[float, Field(ge=-4.0, le=4.0)]


ControlScale = Annotated[float, Field(ge=0.0, le=4.0)]


Strength = Annotated[
    float, Field(gt=0.0, le=1.0, description="how far from the start picture: share of the steps that are taken")
]


SnapshotPin = Annotated[
    str, Field(pattern=r"^([0-9a-f]{64})?$", description="snapshot id; filled in, or given so that no other is taken")
]


ControlKind = Literal["silhouette", "canny", "depth", "pose", "lineart"]


Side = Annotated[int, Field(ge=SHORTEST_SIDE, le=LONGEST_SIDE, multiple_of=SIDE_STEP, description="px")]


class Reference(Record):
    """A picture that the brief shows. A brief writes its path; its content is what counts."""

    sha256: str = Field(default="", description="over the picture's pixels, once it was read; names it in the storage")
    path: str = Field(default="", exclude=True, description="where it was read, not part of the brief's content")

    @model_validator(mode="before")
    @classmethod
    def _read_path(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value
