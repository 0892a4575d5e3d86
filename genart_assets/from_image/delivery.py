"""Reads the recipe that every file delivered by this package holds."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from genart_assets.deliverables.embedded import TOOL
from genart_assets.deliverables.read_back import read_properties, read_recipe
from genart_assets.errors import InputError
from genart_assets.from_image.generation_metadata import DAMAGED, FoundLora, GenerationMetadata
from genart_assets.records.recipe import Recipe


def read_delivery(path: Path) -> GenerationMetadata:
    """The settings of a delivered file.

    Raises:
        InputError: it does not hold a recipe, or the recipe was changed.
    """
    found = read_recipe(path)
    try:
        recipe = Recipe.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"{path}: its recipe has a wrong {place}: {first['msg']}", remedy=DAMAGED) from error
    properties = read_properties(path)
    return GenerationMetadata(
        tool=f"{TOOL}, brief {properties.get('brief', '')}, slot {properties.get('slot', '')}",
        prompt=recipe.prompt,
        negative_prompt=recipe.negative_prompt,
        size=(recipe.width, recipe.height),
        sampler=recipe.schedule.scheduler,
        steps=recipe.steps,
        guidance=recipe.guidance,
        guidance_rescale=recipe.guidance_rescale,
        seed=str(recipe.seed),
        model=properties.get("model", ""),
        model_hash=recipe.model_snapshot,
        model_reference=properties.get("model", ""),
        loras=tuple(FoundLora(name=lora.name, scale=lora.scale) for lora in recipe.loras),
        left_out=(
            *((f"{recipe.control.kind} control, scale {recipe.control.scale:g}",) if recipe.control else ()),
            *((f"start picture, strength {recipe.start.strength:g}",) if recipe.start else ()),
        ),
    )
