"""The styles that a studio teaches its models: whose reviews are learnt from, how, and what a better LoRA must show."""

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
    """What candidate and promoted version both draw, to be compared."""

    prompts: tuple[str, ...] = Field(min_length=2, description="held out: none that the LoRA learns from")
    seeds: tuple[int, ...] = Field(default=(1, 2, 3), min_length=2, description="of every prompt")
    negative_prompt: str = ""
    size: tuple[Side, Side] = Field(default=(64, 64), description="width and height in px")
    sampler: Sampler = Sampler()
    safety: str | None = Field(default=None, description="a critic of pixels alone that must not find it worse")
    safety_checker: str | None = Field(
        default=None, description="Stable Diffusion's, for `safety: safety_checker`: a directory, or hub-id@revision"
    )


class Style(Record):
    """What a studio writes once for a style; `genart learn` takes it."""

    style: str = Field(
        pattern=BRIEF_ID_PATTERN, description="name that briefs give: loras: [{name, version: promoted}]"
    )
    briefs: tuple[str, ...] = Field(min_length=1, description="ids of the briefs whose reviews are learnt from")
    model: str = Field(default="starter", description="the base: starter, a directory, or hub-id@revision")
    clip_model: str = Field(default="starter", description="the CLIP critic that measures")
    references: tuple[Annotated[Reference, WithJsonSchema({"type": "string", "minLength": 1})], ...] = Field(
        default=(), max_length=MOST_REFERENCES, description="pictures that show the style"
    )
    house_style: str | None = Field(default=None, description="in place of references: directory of a centroid")
    preference_head: str | None = Field(default=None, description="directory of a head on the critic's embeddings")
    learn_from: TrainingSetRules = TrainingSetRules()
    finetune: FinetuneConfig = FinetuneConfig()
    trial: LoraTrial
    promote: PromotionRules = PromotionRules()
    new_images: int = Field(default=60, ge=1, description="images accepted since the last time, for a run by itself")

    @model_validator(mode="after")
    def _shows_the_style(self) -> Self:
        if bool(self.references) == bool(self.house_style):
            raise ValueError("give references or house_style, one of them: what adherence is measured against")
        return self


def store_style(storage: Storage, style: Style) -> bool:
    """Store a style, durably; the last of a name counts. False, and nothing stored, where it is the last already."""
    kept = _kept(storage, style.style)
    last = kept.last()
    if last is not None and last.canonical() == style.canonical():
        return False
    kept.append(style)
    return True


def stored_style(storage: Storage, name: str) -> Style:
    """The style of a name, as it was given last.

    Raises:
        InputError: there is none; those that are there are named. StorageError: it is damaged.
    """
    found = _kept(storage, name).last()
    if found is None:
        known = ", ".join(style_names(storage))
        raise InputError(
            f"there is no style {name!r}", remedy=f"use one of {known}" if known else "give one to `genart learn`"
        )
    return found


def style_names(storage: Storage) -> list[str]:
    """All styles, sorted."""
    return sorted({name.partition(".")[0] for name in storage.names(FOLDER)})


def _kept(storage: Storage, name: str) -> Numbered[Style]:
    return Numbered(storage, f"{FOLDER}/{name}.", Style)
