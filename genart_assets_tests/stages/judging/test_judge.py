import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from genart_assets.critics.known import critics_for
from genart_assets.errors import GenartError, InputError
from genart_assets.records import schemas
from genart_assets.records.streams import MicroBatch
from genart_assets.records.verdict import FailedExpectation, verdicts_of
from genart_assets.stages.judging.critique import critique
from genart_assets.stages.judging.judge import judge
from genart_assets_tests.critics.drawn import (
    COLOURS,
    blurred,
    brief_of,
    context_of,
    fruit,
    look_at,
    pictures_of,
    plan_of,
)

GUIDE = {
    "palette": {"background": COLOURS},
    "expect": {
        "prompt_alignment": {"min": 0.24},
        "sharpness": {"min": 10},
        "exposure": {"min": 10, "max": 95},
        "near_duplicate": {"max": 0.97},
    },
}
BRIEF = brief_of(style_guide=GUIDE)
PLAN = plan_of(BRIEF)
IDS = [planned.recipe_id for planned in PLAN]


def scores_of(pixels, brief=BRIEF):
    look = look_at(PLAN, pixels, embed=True)
    embeddings = dict(zip(IDS, look.embeddings, strict=True))
    stream = critique(PLAN, [MicroBatch(tuple(IDS), pixels)], embeddings, critics_for(context_of(brief, look)))
    return pd.concat([micro_batch.data for micro_batch in stream], ignore_index=True)


@pytest.fixture(scope="module")
def good_scores():
    return scores_of(pictures_of(PLAN))


def test_pictures_that_keep_the_style_guide_pass(good_scores):
    frame, gate = judge(BRIEF, PLAN, good_scores, {})
    assert gate.success
    assert frame["recipe_id"].tolist() == IDS
    assert frame["passed"].all()
    assert pa.Table.from_pandas(frame, schema=schemas.VERDICTS, preserve_index=False).num_rows == len(PLAN)


def test_each_fault_stops_its_own_picture_with_value_and_bound():
    pixels = pictures_of(PLAN)
    pixels[1] = blurred(pixels[1], 4)
    pixels[2] = fruit("red apple", "#ffffff")  # navy was wanted
    pixels[5] = pixels[4]  # a copy, on the wrong background as well
    pixels[8] = np.zeros_like(pixels[8])
    scores = scores_of(pixels)
    frame, gate = judge(BRIEF, PLAN, scores, {})
    verdicts = dict(zip(IDS, verdicts_of(frame), strict=True))
    stopped = {
        k: {item.expectation for item in verdicts[IDS[k]].failed} for k in range(9) if not verdicts[IDS[k]].passed
    }
    assert set(stopped) == {1, 2, 5, 8}
    assert stopped[1] == {"sharpness"}
    assert "palette_distance" in stopped[2]
    assert {"near_duplicate", "palette_distance"} <= stopped[5]
    assert {"sharpness", "exposure"} <= stopped[8]
    (item,) = verdicts[IDS[1]].failed
    score = scores.set_index(["recipe_id", "critic"]).loc[(IDS[1], "sharpness"), "score"]
    assert item == FailedExpectation(expectation="sharpness", value=score, min=10, max=None)
    assert gate.failed_ids == {IDS[k] for k in stopped}
    assert not gate.success


def test_a_bound_is_inclusive(good_scores):
    value = float(good_scores.loc[good_scores["critic"] == "sharpness", "score"].min())
    at = brief_of(style_guide={"expect": {"sharpness": {"min": value}}})
    above = brief_of(style_guide={"expect": {"sharpness": {"min": float(np.nextafter(value, np.inf))}}})
    assert judge(at, PLAN, good_scores, {})[0]["passed"].all()
    assert judge(above, PLAN, good_scores, {})[0]["passed"].sum() == len(PLAN) - 1


def test_an_image_that_was_not_rendered_fails_with_its_reason(good_scores):
    rest = good_scores[good_scores["recipe_id"] != IDS[3]]
    frame, gate = judge(BRIEF, PLAN, rest, {IDS[3]: "the latent is not finite"})
    failed = [verdict for verdict in verdicts_of(frame) if not verdict.passed]
    (verdict,) = failed
    assert verdict.recipe_id == IDS[3]
    assert verdict.failed == (FailedExpectation(expectation="rendered", value=None, reason="the latent is not finite"),)
    assert gate.rows == len(PLAN) - 1


@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_a_score_that_is_missing_fails_with_its_reason(good_scores, score):
    scores = good_scores.copy()
    row = (scores["recipe_id"] == IDS[4]) & (scores["critic"] == "sharpness")
    scores.loc[row, ["score", "reason"]] = [score, "sharpness: the score is not finite"]
    verdict = verdicts_of(judge(BRIEF, PLAN, scores, {})[0])[4]
    (item,) = verdict.failed
    assert (item.expectation, item.value, item.min) == ("sharpness", None, 10)
    assert item.reason == "sharpness: the score is not finite"


def test_without_a_style_guide_everything_rendered_passes(good_scores):
    frame, gate = judge(brief_of(style_guide={}), PLAN, good_scores, {IDS[0]: "out of memory"})
    assert gate.success
    assert frame["passed"].tolist() == [False] + [True] * 8


def test_a_batch_of_which_nothing_was_rendered_has_verdicts(good_scores):
    frame, gate = judge(BRIEF, PLAN, good_scores.iloc[:0], dict.fromkeys(IDS, "no model"))
    assert not frame["passed"].any()
    assert gate.rows == 0


def test_an_image_with_neither_scores_nor_reason_is_an_error(good_scores):
    with pytest.raises(GenartError, match="1 images have neither scores nor a reason"):
        judge(BRIEF, PLAN, good_scores[good_scores["recipe_id"] != IDS[0]], {})


def test_an_image_scored_twice_is_an_error(good_scores):
    with pytest.raises(GenartError, match=r"scored image .* more than once"):
        judge(BRIEF, PLAN, pd.concat([good_scores, good_scores.iloc[:1]]), {})


def test_an_unknown_critic_is_refused(good_scores):
    brief = brief_of(style_guide={"expect": {"beauty": {"max": 0.2}}})
    with pytest.raises(InputError, match="no critic is called 'beauty'"):
        judge(brief, PLAN, good_scores, {})
