"""Defines and stores the styles of a studio: which reviews to learn from, how, and what a better LoRA must show."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, WithJsonSchema, model_validator

from genart_assets.errors import InputError
from genart_assets.finetuning.training_set import TrainingSetRules
from genart_assets.loras.promotion import PromotionRules
from genart_assets.loras.records import FinetuneConfig
from genart_assets.records.base import BRIEF_ID_PATTERN, Record
from genart_assets.records.brief import Sampler
from genart_assets.records.fields import Reference, Side
from genart_assets.storage.numbered import Numbered
from genart_assets.storage.root import Storage

FOLDER = "styles"
MOST_REFERENCES = 256


class LoraTrial(Record):
    """What the candidate and the promoted version both draw, so that they can be compared."""

    prompts: tuple[str, ...] = Field(min_length=2, description="prompts that the LoRA does not learn from")
    seeds: tuple[int, ...] = Field(default=(1, 2, 3), min_length=2, description="seeds drawn for every prompt")
    negative_prompt: str = ""
    size: tuple[Side, Side] = Field(default=(64, 64), description="width and height in px")
    sampler: Sampler = Sampler()
    safety: str | None = Field(
        default=None, description="a critic that needs only pixels and must not score the candidate worse"
    )
    safety_checker: str | None = Field(
        default=None,
        description="Stable Diffusion's safety checker, for `safety: safety_checker`: a directory, or hub-id@revision",
    )


class Style(Record):
    """What a studio writes once for a style; `genart learn` reads it."""

    style: str = Field(pattern=BRIEF_ID_PATTERN, description="name that briefs use: loras: [{name, version: promoted}]")
    briefs: tuple[str, ...] = Field(min_length=1, description="ids of the briefs whose reviews the style learns from")
    model: str = Field(default="starter", description="base model: starter, a directory, or hub-id@revision")
    clip_model: str = Field(
        default="starter", description="the CLIP model that measures: starter, a directory, or hub-id@revision"
    )
    references: tuple[Annotated[Reference, WithJsonSchema({"type": "string", "minLength": 1})], ...] = Field(
        default=(), max_length=MOST_REFERENCES, description="pictures that show the style"
    )
    house_style: str | None = Field(
        default=None, description="directory of a house style's centroid, instead of references"
    )
    preference_head: str | None = Field(
        default=None, description="directory of a preference head on clip_model's embeddings"
    )
    learn_from: TrainingSetRules = TrainingSetRules()
    finetune: FinetuneConfig = FinetuneConfig()
    trial: LoraTrial
    promote: PromotionRules = PromotionRules()
    new_images: int = Field(default=60, ge=1, description="newly accepted images that start a run automatically")

    @model_validator(mode="after")
    def _shows_the_style(self) -> Self:
        if bool(self.references) == bool(self.house_style):
            raise ValueError("give either references or house_style: adherence is measured against it")
        return self


def store_style(storage: Storage, style: Style) -> bool:
    """Store a style, durably, as the latest of its name; return False and store nothing if it is the latest already."""
    stored = _stored(storage, style.style)
    last = stored.last()
    if last is not None and last.canonical() == style.canonical():
        return False
    stored.append(style)
    return True


def stored_style(storage: Storage, name: str) -> Style:
    """The latest style of a name.

    Raises:
        InputError: there is none; the remedy names the others. StorageError: it is damaged.
    """
    found = _stored(storage, name).last()
    if found is None:
        known = ", ".join(style_names(storage))
        raise InputError(
            f"there is no style {name!r}", remedy=f"use one of {known}" if known else "run `genart learn` with a style"
        )
    return found


def style_names(storage: Storage) -> list[str]:
    """The names of all styles, sorted."""
    return sorted({name.partition(".")[0] for name in storage.names(FOLDER)})


def _stored(storage: Storage, name: str) -> Numbered[Style]:
    return Numbered(storage, f"{FOLDER}/{name}.", Style)
