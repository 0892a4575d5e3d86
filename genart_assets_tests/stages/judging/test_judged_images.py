"""The tables of a batch become one row an image: what is known of it, and None for what is not."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from genart_assets.records.base import canonical_json
from genart_assets.records.judged import Score
from genart_assets.records.verdict import FailedExpectation
from genart_assets.stages.judging.judged_images import judged_images
from genart_assets_tests.critics.drawn import brief_of, plan_of

PLAN = plan_of(brief_of())[:3]
FIRST, SECOND, THIRD = (planned.recipe_id for planned in PLAN)
UNMET = FailedExpectation(expectation="sharpness", value=3.0, min=30.0)
VERDICTS = pd.DataFrame(
    {
        "recipe_id": [SECOND, FIRST],
        "passed": [False, True],
        "failed": [canonical_json([UNMET.model_dump(mode="json")]), "[]"],
        "held": ["yield ≥ 0.5: 0", None],
    }
)
SCORES = pd.DataFrame(
    [
        (SECOND, "sharpness", 3.0, "variance", "higher", "1", ""),
        (FIRST, "sharpness", 31.25, "variance", "higher", "1", ""),
        (FIRST, "palette_distance", None, "ΔE2000", "lower", "2", "no background"),
        (SECOND, "palette_distance", 4.5, "ΔE2000", "lower", "2", None),
    ],
    columns=["recipe_id", "critic", "score", "unit", "direction", "version", "reason"],
)
PICTURES = pd.DataFrame(
    {"recipe_id": [FIRST, SECOND], "pixel_sha256": ["aa", "bb"], "path": ["pixels/aa", "pixels/bb"]}
)


def test_each_image_has_what_the_tables_say_of_it_in_the_plans_order() -> None:
    first, second, third = judged_images(PLAN, VERDICTS, SCORES, PICTURES, [FIRST], {SECOND: "ada"})
    assert [image.planned for image in (first, second, third)] == PLAN
    assert (first.passed, first.failed, first.held, first.pixel_sha256, first.path) == (
        *(True, "[]", None),
        *("aa", "pixels/aa"),
    )
    assert (second.passed, second.held, second.pixel_sha256) == (False, "yield ≥ 0.5: 0", "bb")
    assert [(image.selected, image.accepted_by, image.is_chosen) for image in (first, second, third)] == [
        (True, None, True),
        (False, "ada", True),
        (False, None, False),
    ]
    assert first.scores == (
        Score(critic="sharpness", score=31.25, unit="variance", direction="higher", version="1", reason=""),
        Score(
            critic="palette_distance", score=None, unit="ΔE2000", direction="lower", version="2", reason="no background"
        ),
    )
    assert [score.score for score in second.scores] == [3.0, 4.5]
    assert second.verdict.failed == (UNMET,)
    assert not second.verdict.passed


def test_an_image_that_failed_on_the_way_has_what_the_plan_says() -> None:
    third = list(judged_images(PLAN, VERDICTS, SCORES, PICTURES))[2]
    assert (third.passed, third.failed, third.held) == (None, "[]", None)
    assert (third.pixel_sha256, third.path, third.scores) == (None, None, ())
    assert not third.verdict.passed
    assert not replace(third, accepted_by="ada").verdict.passed


def test_empty_tables_are_joined_too() -> None:
    empty = (frame.head(0) for frame in (VERDICTS, SCORES, PICTURES))
    assert [image.passed for image in judged_images(PLAN, *empty)] == [None] * 3
