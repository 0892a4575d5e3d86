"""Only what passed its gate goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genart_assets.errors import GenartError
from genart_assets.records.plan import PlannedImage
from genart_assets.records.retry import REDO
from genart_assets.stages.planning.review_sample import is_sampled

if TYPE_CHECKING:
    import pandas as pd


def select(
    order_key: str, sample: float, plan: Sequence[PlannedImage], verdicts: pd.DataFrame, image_index: pd.DataFrame
) -> pd.DataFrame:
    """The images that passed (schemas.SELECTED_IMAGES), in plan order, with their place from schemas.IMAGE_INDEX.

    Those about which a person has the word are left to it: all of a batch that is held, the share ``sample`` of an
    order's slots, and what a reviewer had rendered again.
    """
    import pandas as pd

    passed = set(verdicts.loc[verdicts["passed"].astype(bool) & verdicts["held"].isna(), "recipe_id"])
    rows = [
        (planned.recipe_id, planned.slot.index)
        for planned in plan
        if planned.recipe_id in passed and not waits_for_a_person(order_key, sample, planned)
    ]
    selected = pd.DataFrame(rows, columns=["recipe_id", "slot_index"]).astype({"slot_index": "int64"})
    stored = image_index[["recipe_id", "pixel_sha256", "path"]]
    lost = passed - {planned.recipe_id for planned in plan} | passed - set(stored["recipe_id"])
    if lost:
        raise GenartError(
            f"{len(lost)} images passed their gate and are not planned or not stored, for example {min(lost)}",
            remedy="materialise images and verdicts of this batch again",
        )
    return selected.merge(stored, on="recipe_id", how="left", validate="one_to_one")


def waits_for_a_person(order_key: str, sample: float, planned: PlannedImage) -> bool:
    """Whether a passing image is delivered only when a person has accepted it."""
    redone = planned.origin is not None and planned.origin.move == REDO
    return redone or is_sampled(order_key, planned.slot.index, sample)
