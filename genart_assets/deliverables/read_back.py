"""Reads out of a delivered file what it says about itself."""

from __future__ import annotations

import io
import json
from pathlib import Path

from PIL import Image
from pydantic import JsonValue

from genart_assets.deliverables.xmp import genart_properties
from genart_assets.errors import InputError
from genart_assets.records.base import canonical_json, sha256_hex

PIXEL_FORMATS = ("PNG", "WEBP", "AVIF", "JPEG")
_REMEDY = "Give a PNG, WebP, AVIF, JPEG or SVG as it was delivered: many editors and websites drop the metadata."


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

    The texts are as written in the file. NoRecipe if it holds none, InputError if it is no picture.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    xml = data if is_svg(data) else _packet_in(data, _name(source))
    properties = genart_properties(xml)
    if "recipe" not in properties:
        raise NoRecipe(f"{_name(source)} holds no recipe", remedy=_REMEDY)
    return properties


def _packet_in(data: bytes, name: str) -> bytes:
    try:
        with Image.open(io.BytesIO(data), formats=PIXEL_FORMATS) as image:
            packet = image.info.get("xmp", b"")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{name} is no picture that can be read: {error}", remedy=_REMEDY) from error
    if not packet:
        raise NoRecipe(f"{name} holds no XMP metadata", remedy=_REMEDY)
    return packet


def is_svg(data: bytes) -> bool:
    """Whether a file is an SVG drawing, by its first bytes."""
    return data.lstrip()[:5] in (b"<?xml", b"<svg ")


def _name(source: Path | bytes) -> str:
    return "the file" if isinstance(source, bytes) else str(source)
