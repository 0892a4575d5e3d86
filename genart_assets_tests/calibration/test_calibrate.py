"""Calibration on icons that the starter drew: half show what was asked for, half show something else."""

import numpy as np
import pandas as pd
import pytest

from genart_assets.calibration import threshold as threshold_file
from genart_assets.calibration.calibrate import calibrate
from genart_assets.calibration.markdown import calibration_markdown
from genart_assets.critics.prompt_alignment import cosine
from genart_assets.critics.protocol import Look
from genart_assets.critics.sharpness import Sharpness
from genart_assets.models.clip import load_clip
from genart_assets.pictures.roc_chart import roc_chart
from genart_assets.records.style_guide import Bound
from genart_assets_tests.starter_plans import SUBJECTS, render, starter_plan

ASKED = SUBJECTS[:4]
IMAGES = 128


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch):
    monkeypatch.setattr(threshold_file, "RESAMPLES", 100)


@pytest.fixture(scope="module")
def icons():
    """Feedback, scores, ids and embeddings: who asked for the first four subjects rejects the other four."""
    plan = starter_plan(IMAGES, steps=5, guidance=3.0)
    drawn = render(plan)
    ids = [planned.recipe_id for planned in plan]
    pixels = np.stack([drawn[recipe_id] for recipe_id in ids])
    clip = load_clip()
    vectors = clip.embed_images(pixels)
    texts = clip.embed_texts([f"classic icon of {subject} on white background" for subject in ASKED])
    alignment = [cosine(vector, texts[k % 4]) for k, vector in enumerate(vectors)]
    sharpness = Sharpness().score(Look(pixels, vectors, plan))
    accepted = [planned.slot.values["subject"] in ASKED for planned in plan]
    feedback = pd.DataFrame(
        {"recipe_id": ids, "order": "o", "batch": "b", "brief": "test", "reviewer": "ann", "score": None}
    ).assign(outcome=["accept" if good else ("reject", "redo")[k % 2] for k, good in enumerate(accepted)])
    scores = pd.concat(
        [
            pd.DataFrame({"recipe_id": ids, "critic": name, "score": values, "direction": direction})
            for name, values, direction in (
                ("prompt_alignment", alignment, "higher"),
                ("distance", [1 - value for value in alignment], "lower"),
                ("coin", np.random.default_rng(0).permutation(IMAGES).astype(float), "higher"),
                ("sharpness", sharpness, "between"),
            )
        ]
    )
    return feedback, scores, ids, vectors


def calibrated(icons, bounds, **options):
    """Of scores alone: a head takes seconds."""
    feedback, scores, _, vectors = icons
    return calibrate("market", feedback, scores, [], vectors[:0], bounds, "clip", **options)


@pytest.fixture(scope="module")
def taught(icons):
    feedback, scores, ids, vectors = icons
    return calibrate("market", feedback, scores, ids, vectors, {"prompt_alignment": strict(icons)}, "clip")


def strict(icons):
    """A bound that one image in ten keeps."""
    _, scores, _, _ = icons
    return Bound(min=float(scores.loc[scores["critic"] == "prompt_alignment", "score"].quantile(0.9)))


def of(found, critic):
    return next(line for line in found.report.critics if line.critic == critic)


def test_a_critic_that_sees_what_people_see_agrees_with_them(icons):
    found = calibrated(icons, {"prompt_alignment": strict(icons)})
    report = found.report
    assert (report.images, report.accepted, report.disputed, report.reviewers) == (IMAGES, IMAGES // 2, 0, 1)
    assert [line.critic for line in report.critics] == ["prompt_alignment", "coin", "distance", "sharpness"]
    alignment = of(found, "prompt_alignment")
    assert alignment.auc.low > 0.9
    assert alignment.gate.precision.value > 0.9
    assert alignment.gate.recall.value < 0.5
    assert alignment.suggested.min < strict(icons).min
    assert alignment.advice.startswith(f"prompt_alignment min {strict(icons).min:.4g} → ")
    assert "would pass" in alignment.advice


def test_the_other_direction_is_the_mirror(icons):
    found = calibrated(icons, {"prompt_alignment": Bound(min=0.7), "distance": Bound(max=0.3)})
    higher, lower = of(found, "prompt_alignment"), of(found, "distance")
    assert lower.auc.value == pytest.approx(higher.auc.value)
    assert lower.threshold.value == pytest.approx(1 - higher.threshold.value)
    assert lower.threshold.low <= lower.threshold.value <= lower.threshold.high
    assert lower.gate.precision == higher.gate.precision


def test_a_critic_that_tosses_coins_gets_no_threshold_to_trust(icons):
    found = calibrated(icons, {"coin": Bound(min=80)})
    coin = of(found, "coin")
    assert coin.auc.low < 0.5 < coin.auc.high
    assert coin.suggested is None
    assert "does not separate accepted from rejected images" in coin.advice
    assert of(found, "sharpness").auc is None
    assert "neither higher nor lower scores are better" in of(found, "sharpness").advice


def test_a_critic_that_is_the_wrong_way_round_is_told(icons):
    feedback, scores, _, vectors = icons
    wrong = scores.assign(score=scores["score"].where(scores["critic"] != "distance", -scores["score"]))
    found = calibrate("market", feedback, wrong, [], vectors[:0], {}, "clip")
    assert "people prefer the images that it scores worse" in of(found, "distance").advice


def test_a_wanted_precision_is_reached(icons):
    found = calibrated(icons, {"prompt_alignment": Bound(min=0.0)}, wanted_precision=0.95)
    alignment = of(found, "prompt_alignment")
    assert alignment.gate.precision.value < 0.95
    again = calibrated(icons, {"prompt_alignment": alignment.suggested}, wanted_precision=0.95)
    assert of(again, "prompt_alignment").gate.precision.value >= 0.95
    assert of(again, "prompt_alignment").suggested is None
    assert "fits as well as any" in of(again, "prompt_alignment").advice


def test_people_teach_a_head_what_they_like(icons, taught):
    found = taught
    assert found.report.no_head == ""
    assert found.report.head_auc == found.head.agreement
    assert found.head.agreement.low > 0.9
    assert found.head.clip_snapshot == "clip"
    _, _, _, vectors = icons
    likely = found.head.probability(vectors)
    assert likely[np.arange(IMAGES) % 8 < 4].mean() > 0.8 > 0.2 > likely[np.arange(IMAGES) % 8 >= 4].mean()


def test_with_few_reviews_there_is_a_report_and_no_head(icons):
    feedback, scores, ids, vectors = icons
    found = calibrate("market", feedback[:30], scores, ids, vectors, {}, "clip")
    assert found.head is None
    assert found.report.head_auc is None
    assert found.report.no_head.startswith("16 accepted and 14 rejected images")
    assert of(found, "prompt_alignment").images == 30


def test_images_of_one_kind_teach_nothing(icons):
    feedback, scores, ids, vectors = icons
    found = calibrate("market", feedback.assign(outcome="accept"), scores, ids, vectors, {"coin": Bound(min=1)}, "clip")
    assert of(found, "coin").auc is None
    assert of(found, "coin").advice == f"coin: people accepted all {IMAGES} images"
    assert of(found, "coin").gate.recall.value == pytest.approx(1, abs=0.01)
    assert not found.curves


def test_images_without_a_score_or_a_word_are_left_out(icons):
    feedback, scores, ids, vectors = icons
    missing = scores.copy()
    missing.loc[(missing["critic"] == "coin") & missing["recipe_id"].isin(ids[:10]), "score"] = np.nan
    found = calibrate("market", feedback[5:], missing, [], vectors[:0], {}, "clip")
    assert (of(found, "coin").images, of(found, "distance").images) == (IMAGES - 10, IMAGES - 5)
    nothing = calibrate("market", feedback[:0], scores, ids, vectors, {}, "clip")
    assert nothing.report.critics == ()


def test_it_is_told_to_people_in_words_and_a_picture(taught):
    found = taught
    text = calibration_markdown(found.report)
    assert f"**market**: {IMAGES} images, 64 accepted, 64 rejected, 0 disputed and left out; 1 reviewers." in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 4
    assert all(row.count("|") == rows[0].count("|") for row in rows)
    assert "| prompt_alignment | 128 |" in text
    assert f"| ≥ {found.report.critics[0].bound.min:g} |" in text
    assert f"AUC {found.head.agreement}, cross-validated" in text
    few = found.report.model_copy(update={"no_head": "too | few", "head_auc": None})
    assert "- preference head: too \\| few" in calibration_markdown(few)

    areas = {line.critic: line.auc.value for line in found.report.critics if line.auc}
    picture = roc_chart(found.curves, areas)
    assert picture.startswith(b"\x89PNG")
    assert roc_chart(found.curves, areas) == picture
    assert roc_chart({}, {}) != picture


def test_the_same_feedback_gives_the_same_report(icons):
    assert calibrated(icons, {}).report == calibrated(icons, {}).report
