"""Defines the features: entities, views and their columns, independent of any feature store."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa
from pydantic import Field

from genart_assets.records.base import Record

EVENT_TIME = "event_timestamp"
"""UTC: the moment from which a row's features were known; `moments.py` says how it is worked out."""
CREATED = "created"
"""UTC: when the table was built."""

Kind = Literal["string", "int64", "float64", "bool"]
_TYPES: dict[Kind, pa.DataType] = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
}
_TIME = pa.timestamp("us", "UTC")


class Entity(Record):
    """A kind of thing that features describe."""

    name: str
    key: str = Field(description="column of strings that identifies one thing of this kind")
    description: str = ""


class Feature(Record):
    """One named and typed value of an entity."""

    name: str
    kind: Kind
    description: str = ""


class View(Record):
    """Features of one entity that become known together; the table has key, features, event_timestamp and created."""

    name: str
    entity: Entity
    features: tuple[Feature, ...]
    description: str = ""

    @property
    def columns(self) -> pa.Schema:
        """The columns of its table, with their types."""
        key = pa.field(self.entity.key, pa.string())
        times = [pa.field(EVENT_TIME, _TIME), pa.field(CREATED, _TIME)]
        return pa.schema([key, *(pa.field(one.name, _TYPES[one.kind]) for one in self.features), *times])

    @property
    def references(self) -> list[str]:
        """The names of its features for a `FeatureStore`, ``view:feature``."""
        return [f"{self.name}:{one.name}" for one in self.features]


def _features(kind: Kind, **described: str) -> tuple[Feature, ...]:
    return tuple(Feature(name=name, kind=kind, description=text) for name, text in described.items())


IMAGE = Entity(name="image", key="recipe_id", description="one image: everything that determines its bits")
SLOT = Entity(name="slot", key="slot", description="one wanted image of an order, {order}/{slot index}")
BRIEF = Entity(name="brief", key="brief", description="what the studio orders")
STYLE = Entity(name="style", key="style", description="a value of `vary.style`, in any brief")

RECIPES = View(
    name="recipes",
    entity=IMAGE,
    description="what the image was made from; known when its rendering began",
    features=(
        *_features(
            "string", brief="id of the brief", slot="{order}/{slot index}", style="value of vary.style, or empty"
        ),
        *_features("int64", round="0 for the first try"),
        *_features("string", move="what a retry changed; null in round 0", model_snapshot="of the weights"),
        *_features("string", prompt="", negative_prompt="", scheduler=""),
        *_features("int64", steps="denoising steps"),
        *_features("float64", guidance="classifier-free guidance scale"),
        *_features("int64", width="px", height="px"),
    ),
)

VERDICTS = View(
    name="verdicts",
    entity=IMAGE,
    description="what the gate decided; known from the moment after",
    features=(
        *_features("bool", passed="whether every expectation was met"),
        *_features("string", failed="JSON list: names of the expectations that were not"),
        *_features("bool", held="whether the whole batch waits for a person", selected="whether it goes on unseen"),
    ),
)

FEEDBACK = View(
    name="feedback",
    entity=IMAGE,
    description="what stands of people's words about the image; known from the moment after each",
    features=(
        *_features("string", outcome="accept, reject or redo, the last one; null while there is none"),
        *_features("int64", score="1 worst to 5 best; null while there is none"),
        *_features("string", tags="JSON list: the defects that somebody sees"),
        *_features("int64", reviewers="who gave an outcome"),
        *_features("bool", disagreed="whether reviewers came to different outcomes"),
    ),
)


def history_view(entity: Entity) -> View:
    """The view that counts what became of the images of a slot, brief or style so far."""
    return View(
        name=f"{entity.name}_history",
        entity=entity,
        description=f"what became of the images of this {entity.name} so far; known after each verdict and decision",
        features=(
            *_features("int64", images="judged", passed="their gate"),
            *_features("float64", share_passed="of the images that were judged; null before the first"),
            *_features("int64", reviewed="have an outcome that stands", accepted="by people"),
            *_features("float64", share_accepted="of the images that were reviewed; null before the first"),
        ),
    )


def scores_view(columns: dict[str, str]) -> View:
    """The view of the critics' scores; ``columns`` maps column name to unit, one per version of a critic."""
    return View(
        name="scores",
        entity=IMAGE,
        description="what the critics measured; known when the image was judged, just before the verdict",
        features=_features("float64", **dict(sorted(columns.items()))),
    )


HISTORIES = tuple(history_view(entity) for entity in (SLOT, BRIEF, STYLE))
