"""Reads out of a delivered file what it says about itself."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image
from pydantic import JsonValue

from genart_assets.deliverables.formats import format_of
from genart_assets.deliverables.xmp import genart_properties
from genart_assets.errors import InputError
from genart_assets.records.base import canonical_json, sha256_hex

_REMEDY = "give a PNG, WebP, AVIF, JPEG or SVG as it was delivered: many editors and websites drop the metadata"


class NoRecipe(InputError):
    """An intact picture that says nothing of how it came to be."""


def read_recipe(source: Path | bytes) -> dict[str, JsonValue]:
    """The recipe in a delivered file, checked against its recipe id. InputError if there is none or it was changed."""
    properties = read_properties(source)
    try:
        recipe = json.loads(properties["recipe"])
    except json.JSONDecodeError as error:
        raise InputError(f"the recipe in {_name(source)} is damaged: {error}", remedy=_REMEDY) from error
    if sha256_hex(canonical_json(recipe)) != properties.get("recipe_id"):
        raise InputError(f"the recipe in {_name(source)} was changed: it has another recipe id", remedy=_REMEDY)
    return recipe


def read_properties(source: Path | bytes) -> dict[str, str]:
    """Everything that a delivered file says about itself: brief, batch, slot, round, model, recipe_id, recipe, …

    The texts are as written in the file. NoRecipe if it holds none, InputError if it is not a picture.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    properties = genart_properties(_packet_in(data, _name(source)))
    if "recipe" not in properties:
        raise NoRecipe(f"{_name(source)} holds no recipe", remedy=_REMEDY)
    return properties


def _packet_in(data: bytes, name: str) -> bytes:
    form = format_of(data)
    if form is None:
        raise InputError(f"{name} is not a readable picture: no installed format makes such files", remedy=_REMEDY)
    try:
        packet = form.declared.read_xmp(data)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{name} is not a readable picture: {error}", remedy=_REMEDY) from error
    if not packet:
        raise NoRecipe(f"{name} holds no XMP metadata", remedy=_REMEDY)
    return packet


def _name(source: Path | bytes) -> str:
    return "the file" if isinstance(source, bytes) else str(source)
