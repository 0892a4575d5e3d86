"""What a delivered file says about itself: the record, and its short forms for readers of text chunks."""

from __future__ import annotations

from pydantic import Field

from genart_assets.records.base import Record
from genart_assets.records.recipe import Recipe

TOOL = "genart-assets"  # without a version: an upgrade that changes no pixel changes no file


class Embedded(Record):
    """How the picture in a file came to be."""

    brief: str
    brief_hash: str
    batch: str = Field(description="Dagster partition key")
    slot: int = Field(ge=0, description="index of the slot in the brief")
    round: int = Field(ge=0)
    model: str = Field(description="as the brief names it")
    model_snapshot: str
    prompt: str
    recipe_id: str
    recipe: str = Field(description="canonical JSON of the recipe; its SHA-256 is recipe_id")


def text_chunks(embedded: Embedded, recipe: Recipe) -> dict[str, str]:
    """PNG's registered keywords, ``parameters`` as image browsers read it, and the whole recipe."""
    return {
        "Software": TOOL,
        "Description": recipe.prompt,
        "parameters": parameters(recipe),
        "recipe_id": embedded.recipe_id,
        "recipe": embedded.recipe,
    }


def parameters(recipe: Recipe) -> str:
    """The recipe in the three lines that browsers of generated pictures know, which hold only a part of it."""
    settings = {
        "Steps": recipe.steps,
        "Sampler": recipe.schedule.scheduler,
        "CFG scale": recipe.guidance,
        "Seed": recipe.seed,
        "Size": f"{recipe.width}x{recipe.height}",
        "Model hash": recipe.model_snapshot[:10],
    }
    lines = [recipe.prompt]
    if recipe.negative_prompt:
        lines.append(f"Negative prompt: {recipe.negative_prompt}")
    lines.append(", ".join(f"{key}: {value}" for key, value in settings.items()))
    return "\n".join(lines)
