"""Defines the style guide: what the images of a brief must meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Discriminator, Field, FiniteFloat, Tag, WithJsonSchema, model_validator

from genart_assets.records.base import Record
from genart_assets.records.fields import Reference

HEX_COLOUR_PATTERN = r"^#[0-9a-fA-F]{6}$"


HexColour = Annotated[str, Field(pattern=HEX_COLOUR_PATTERN, description='sRGB colour such as "#1e9696", in quotes')]


class Bound(Record):
    """One expectation on a critic's score, in the critic's unit; both ends are inclusive."""

    min: FiniteFloat | None = None
    max: FiniteFloat | None = None

    @model_validator(mode="after")
    def _has_ordered_ends(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("needs min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


def _colour_or_colours(value: object) -> str:
    return "colours" if isinstance(value, Mapping) else "colour"


class Palette(Record):
    background: Annotated[
        Annotated[HexColour, Tag("colour")] | Annotated[dict[str, HexColour], Tag("colours")],
        Discriminator(_colour_or_colours),
    ] = Field(
        default_factory=dict[str, HexColour],
        description="sRGB colour of the background, or one colour for each value of vary.background; none if left out",
    )
    max_delta_e: FiniteFloat = Field(default=12.0, gt=0, description="largest CIEDE2000 distance of the background")
    brand: tuple[HexColour, ...] = Field(default=(), description="the brand's sRGB colours")
    brand_max_delta_e: FiniteFloat = Field(
        default=12.0, gt=0, description="CIEDE2000 within which a pixel has a brand colour"
    )

    @model_validator(mode="after")
    def _has_a_colour(self) -> Self:
        if not self.background and not self.brand:
            raise ValueError("needs background, brand or both")
        return self


class BatchBounds(Record):
    """What must hold of a batch as a whole. One that does not is held for a person, and not retried blindly."""

    min_yield: float | None = Field(default=None, ge=0, le=1, description="smallest share of images that pass")
    max_drift: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="how far a retry batch's scores may fall behind those of the attempts that it follows: largest "
        "one-sided Kolmogorov-Smirnov distance of a bounded critic",
    )


class StyleGuide(Record):
    clip_model: str = Field(default="starter", description="the CLIP critic: starter, a directory, or hub-id@revision")
    palette: Palette | None = None
    references: tuple[Annotated[Reference, WithJsonSchema({"type": "string", "minLength": 1})], ...] = Field(
        default=(), max_length=64, description="pictures that show the style, relative to the brief's folder"
    )
    house_style: str | None = Field(default=None, description="directory of a centroid of the CLIP critic's embeddings")
    aesthetic_head: str | None = Field(default=None, description="directory of a head on the CLIP critic's embeddings")
    safety_checker: str | None = Field(
        default=None, description="Stable Diffusion's safety checker: a directory, or hub-id@revision"
    )
    expect: dict[str, Bound] = Field(default_factory=dict, description="critic name to the bound on its score")
    batch: BatchBounds = BatchBounds()

    @model_validator(mode="after")
    def _has_one_style(self) -> Self:
        if self.references and self.house_style:
            raise ValueError("has references and house_style; remove one of them")
        return self
