"""Only what passed its gate goes on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from genart_assets.errors import GenartError
from genart_assets.records import PlannedImage


def select(plan: Sequence[PlannedImage], verdicts: pd.DataFrame, image_index: pd.DataFrame) -> pd.DataFrame:
    """The images that passed (schemas.SELECTED_IMAGES), in plan order, with their place from schemas.IMAGE_INDEX.

    None of a batch that is held.
    """
    passed = set(verdicts.loc[verdicts["passed"].astype(bool) & verdicts["held"].isna(), "recipe_id"])
    rows = [(planned.recipe_id, planned.slot.index) for planned in plan if planned.recipe_id in passed]
    selected = pd.DataFrame(rows, columns=["recipe_id", "slot_index"]).astype({"slot_index": "int64"})
    stored = image_index[["recipe_id", "pixel_sha256", "path"]]
    lost = passed - {recipe_id for recipe_id, _ in rows} | passed - set(stored["recipe_id"])
    if lost:
        raise GenartError(
            f"{len(lost)} images passed their gate and are not planned or not stored, for example {min(lost)}",
            remedy="materialise images and verdicts of this batch again",
        )
    return selected.merge(stored, on="recipe_id", how="left", validate="one_to_one")
