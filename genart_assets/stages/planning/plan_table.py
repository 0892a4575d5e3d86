"""The generation plan as a table, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]
from pydantic import ValidationError

from genart_assets.errors import StorageError
from genart_assets.records import schemas
from genart_assets.records.plan import Origin, PlannedImage, Slot
from genart_assets.records.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd


def frame_of(plan: Sequence[PlannedImage]) -> pd.DataFrame:
    """The plan as a frame of `schemas.PLAN`, one row an image. Columns repeat parts of the recipe, for queries."""
    arrow: Any = pa  # pyarrow has no types
    return arrow.Table.from_pylist([row_of(image) for image in plan], schema=cast(Any, schemas).PLAN).to_pandas()


def row_of(image: PlannedImage) -> dict[str, object]:
    """One line of `schemas.PLAN`."""
    recipe = image.recipe
    return {
        "recipe_id": recipe.recipe_id,
        "slot_index": image.slot.index,
        "values": json.dumps(image.slot.values, ensure_ascii=False),
        "repeat": image.slot.repeat,
        "round": image.round,
        "prompt": recipe.prompt,
        "negative_prompt": recipe.negative_prompt,
        "seed": recipe.seed,
        "scheduler": recipe.schedule.scheduler,
        "steps": recipe.steps,
        "guidance": recipe.guidance,
        "width": recipe.width,
        "height": recipe.height,
        "model_snapshot": recipe.model_snapshot,
        "recipe": recipe.canonical(),
        "parent": image.origin and image.origin.parent,
        "move": image.origin and image.origin.move,
        "reason": image.origin and image.origin.reason,
    }


def plan_of(frame: pd.DataFrame, brief_id: str) -> list[PlannedImage]:
    """The plan that a frame of `schemas.PLAN` holds; every recipe is checked against its id.

    Raises:
        StorageError: a recipe that cannot be read, or whose hash is not its id; the row is named.
    """
    rows = cast("list[dict[str, Any]]", frame.to_dict("records"))
    return [_planned(position, row, brief_id) for position, row in enumerate(rows)]


def _planned(position: int, row: dict[str, Any], brief_id: str) -> PlannedImage:
    try:
        recipe = Recipe.model_validate_json(row["recipe"])
        values: dict[str, str] = json.loads(row["values"])
        slot = Slot(brief=brief_id, index=row["slot_index"], values=values, repeat=row["repeat"])
        image = PlannedImage(slot=slot, round=row["round"], recipe=recipe, origin=_origin(row))
    except (ValidationError, ValueError, TypeError) as error:
        raise _damaged(position, row, f"cannot be read: {error}") from error
    if recipe.recipe_id != row["recipe_id"]:
        raise _damaged(position, row, f"hashes to {recipe.recipe_id}")
    return image


def _origin(row: dict[str, Any]) -> Origin | None:
    if not row["round"]:
        return None
    return Origin(parent=row["parent"], move=row["move"], reason=row["reason"])


def _damaged(position: int, row: dict[str, Any], what: str) -> StorageError:
    return StorageError(
        f"row {position} of the generation plan, recipe {row['recipe_id']}, slot {row['slot_index']}: it {what}",
        remedy="the plan was changed after it was stored: delete this batch's generation_plan and plan it again",
    )
