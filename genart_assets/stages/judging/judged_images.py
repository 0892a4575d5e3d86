"""Joins the tables of a batch to one typed row an image."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from genart_assets.records.judged import JudgedImage, Score
from genart_assets.records.plan import PlannedImage

if TYPE_CHECKING:
    import pandas as pd

SCORE = ["critic", "score", "unit", "direction", "version", "reason"]


def judged_images(
    plan: Sequence[PlannedImage],
    verdicts: pd.DataFrame,
    scores: pd.DataFrame,
    pictures: pd.DataFrame,
    selected: Collection[str] = (),
    accepted_by: Mapping[str, str] | None = None,
) -> Iterator[JudgedImage]:
    """The images of a batch, in the plan's order.

    ``verdicts`` and ``scores`` are of schemas.VERDICTS and CRITIC_SCORES; ``pictures`` has recipe_id, pixel_sha256 and
    path, as schemas.IMAGE_INDEX, SELECTED_IMAGES and ACCEPTED_IMAGES. ``selected`` are recipe ids, ``accepted_by`` maps
    them to reviewers. An image that is in none of the tables failed on the way, and has what the plan says.
    """
    verdict_of = _by_image(verdicts, ["passed", "failed", "held"])
    picture_of = _by_image(pictures, ["pixel_sha256", "path"])
    scores_of = _scores(scores)
    chosen, reviewers = frozenset(selected), accepted_by or {}
    for planned in plan:
        recipe_id = planned.recipe_id
        passed, failed, held = verdict_of.get(recipe_id, (None, "[]", None))
        pixel_sha256, path = picture_of.get(recipe_id, (None, None))
        yield JudgedImage(
            planned=planned,
            scores=tuple(scores_of.get(recipe_id, ())),
            passed=None if passed is None else bool(passed),
            failed=str(failed),
            held=None if held is None else str(held),
            pixel_sha256=None if pixel_sha256 is None else str(pixel_sha256),
            path=None if path is None else str(path),
            selected=recipe_id in chosen,
            accepted_by=reviewers.get(recipe_id),
        )


def _scores(scores: pd.DataFrame) -> dict[str, list[Score]]:
    found: dict[str, list[Score]] = {}
    for recipe_id, *values in _rows(scores, ["recipe_id", *SCORE]):
        score = Score.model_validate(dict(zip(SCORE, values, strict=True)) | {"reason": values[-1] or ""})
        found.setdefault(str(recipe_id), []).append(score)
    return found


def _by_image(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, tuple[object, ...]]:
    return {str(recipe_id): tuple(values) for recipe_id, *values in _rows(frame, ["recipe_id", *columns])}


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """The rows of some columns, with None for what is null."""
    given = (frame[name].astype(object).where(frame[name].notna(), None) for name in columns)
    return zip(*given, strict=True)
