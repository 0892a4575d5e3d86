"""A candidate and what is promoted are compared on what neither learnt; the gate says what a candidate lacks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from genart_assets.critics.sharpness import Sharpness
from genart_assets.errors import InputError, ModelError
from genart_assets.learning.evaluate_lora import (
    Judges,
    LoraEvaluation,
    MetricComparison,
    evaluate_lora,
    paired_interval,
    require_held_out,
)
from genart_assets.learning.judge_lora import judge_lora
from genart_assets.loras.promotion import PromotionRules
from genart_assets.models.clip import load_clip
from genart_assets.models.heads import Head, HeadConfig
from genart_assets.models.house_style import centroid_of
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

PROMPTS = [f"icon of thing {number}" for number in range(24)]
SEEDS = (1, 2, 3)
SIDE = 64


def drawn(lora: str | None, prompts: Sequence[str], seeds: Sequence[int]) -> np.ndarray:
    """Pictures whose bits depend on prompt and seed: noisy grey by default, and what the name of the LoRA says.

    ``teal`` tints them, ``same`` draws one picture whatever is asked for, ``blank`` forgets the prompt.
    """
    found: list[np.ndarray] = []
    for prompt, seed in zip(prompts, seeds, strict=True):
        number = PROMPTS.index(prompt)
        if lora == "same":
            found.append(teal(0))
            continue
        base = np.random.default_rng([number, seed]).integers(0, 256, (8, 8, 3))
        if lora == "blank":
            base = np.random.default_rng(seed).integers(0, 256, (8, 8, 3))
        picture = np.kron(base, np.ones((SIDE // 8, SIDE // 8, 1))).astype(np.float64)
        if lora == "teal":
            picture = 0.5 * picture + 0.5 * np.array([30, 148, 149])
        found.append(picture.astype(np.uint8))
    return np.stack(found)


def teal(number: int) -> np.ndarray:
    base = np.random.default_rng([9, number]).integers(0, 256, (8, 8, 3))
    picture = np.kron(base, np.ones((SIDE // 8, SIDE // 8, 1)))
    return (0.4 * picture + 0.6 * np.array([30, 148, 149])).astype(np.uint8)


@pytest.fixture(scope="module")
def judges() -> Judges:
    clip = load_clip()
    return Judges(clip, centroid_of(clip.embed_images([teal(number) for number in range(8)])))


def compared(candidate: str, judges: Judges, promoted: str | None = None) -> LoraEvaluation:
    before = (promoted, promoted) if promoted else None
    return evaluate_lora((candidate, candidate), before, "5" * 64, PROMPTS, SEEDS, drawn, judges, ["icon"]).report


LENIENT = PromotionRules(alignment_loss=1000, diversity_loss=0.9)  # noise has no alignment to lose


def test_a_candidate_that_has_the_style_adheres_more_with_an_interval_above_zero(judges) -> None:
    report = compared("teal", judges)
    adherence = report.metric("style_adherence")
    assert adherence.low > 0.05
    assert adherence.low < adherence.difference < adherence.high
    assert adherence.difference == pytest.approx(adherence.candidate - adherence.baseline)
    assert (report.baseline, report.candidate) == (None, "teal")
    verdict, gate = judge_lora(report, LENIENT)
    assert verdict.passed
    assert verdict.reason == ""
    assert verdict.evaluation == report.id
    assert gate.success


def test_a_candidate_that_changes_nothing_is_not_promoted(judges) -> None:
    report = compared("teal", judges, promoted="teal")
    assert all((one.difference, one.low, one.high) == (0, 0, 0) for one in report.metrics)
    verdict, _ = judge_lora(report, LENIENT)
    assert not verdict.passed
    assert verdict.reason == "style_adherence rises by more than 0.02: 0"


def test_a_candidate_that_wins_by_drawing_the_same_again_is_not_promoted(judges) -> None:
    report = compared("same", judges)
    assert report.metric("style_adherence").low > 0
    assert report.metric("diversity").candidate == pytest.approx(0, abs=1e-6)
    verdict, _ = judge_lora(report, LENIENT)
    assert not verdict.passed
    assert "diversity falls by no more than 90%: -1" in verdict.reason


def measured(low: float, metric: str) -> MetricComparison:
    """A metric of 0.5 that falls, at the worse end, to ``0.5 + low``."""
    return MetricComparison(
        metric=metric, unit="cosine", direction="higher", baseline=0.5, candidate=0.5, difference=0, low=low, high=0.1
    )


def report_of(*metrics: MetricComparison) -> LoraEvaluation:
    return LoraEvaluation(
        candidate="v",
        baseline=None,
        base_snapshot="5" * 64,
        clip_snapshot="6" * 64,
        prompts=tuple(PROMPTS),
        seeds=SEEDS,
        metrics=metrics,
    )


@pytest.mark.parametrize(
    ("alignment", "diversity", "reason"),
    [
        (-0.009, -0.24, ""),
        (-0.011, -0.24, "prompt_alignment falls by no more than 2%: -0.022"),
        (-0.009, -0.26, "diversity falls by no more than 50%: -0.52"),
        (
            -0.011,
            -0.26,
            "prompt_alignment falls by no more than 2%: -0.022; diversity falls by no more than 50%: -0.52",
        ),
    ],
)
def test_what_the_prompt_says_must_still_be_there_and_pictures_must_still_differ(alignment, diversity, reason) -> None:
    report = report_of(
        measured(0.03, "style_adherence"),
        measured(alignment, "prompt_alignment"),
        measured(diversity, "diversity"),
    )
    verdict, _ = judge_lora(report, PromotionRules())
    assert (verdict.passed, verdict.reason) == (not reason, reason)


def test_what_was_not_measured_promotes_nothing() -> None:
    report = report_of(measured(0.03, "style_adherence"), measured(0.0, "prompt_alignment"))
    verdict, _ = judge_lora(report, PromotionRules())
    assert not verdict.passed
    assert "diversity was measured: not measured" in verdict.reason


def test_the_margin_is_on_the_worse_end_of_the_interval(judges) -> None:
    report = compared("teal", judges)
    low = report.metric("style_adherence").low
    for margin, passed in ((low * 0.99, True), (low * 1.01, False)):
        rules = LENIENT.model_copy(update={"adherence_gain": margin})
        assert judge_lora(report, rules)[0].passed == passed


def test_safety_and_preference_count_where_somebody_judges_them(judges) -> None:
    clip = judges.clip
    config = HeadConfig(clip_snapshot=clip.snapshot.snapshot_id, dim=clip.width, unit="probability", layers=1)
    away = -judges.centroid.astype(np.float32)
    head = Head(config, (away[None],), (np.zeros(1, np.float32),), "digest")

    class Harmful(Sharpness):
        direction = "lower"

        def score(self, look):
            return look.pixels.reshape(len(look.pixels), -1).std(axis=1) * -1.0

    watched = Judges(clip, judges.centroid, head, Harmful())
    report = compared("teal", watched)
    assert [one.metric for one in report.metrics][3:] == ["safety", "preference"]
    assert report.metric("safety").gain_low == -report.metric("safety").high < 0
    verdict, _ = judge_lora(report, LENIENT)
    assert {rule.meaning.split()[0] for rule in verdict.unmet} == {"safety", "preference"}


def test_a_picture_without_a_score_promotes_nothing_and_its_prompt_is_named(judges) -> None:
    class Blind(Sharpness):
        def score(self, look):
            found = super().score(look)
            found[7] = np.nan  # of the third prompt's three seeds
            return found

    with pytest.raises(
        ModelError, match="safety cannot be measured for 1 of 24 prompts, for example 'icon of thing 2'"
    ):
        compared("teal", Judges(judges.clip, judges.centroid, None, Blind()))


def test_the_same_pictures_give_the_same_report(judges) -> None:
    assert compared("teal", judges) == compared("teal", judges)


def test_the_report_is_a_table_too(tmp_path, judges) -> None:
    report = compared("teal", judges)
    store = TableStore(Storage.open(str(tmp_path)), "lora_evaluation", "x", id_column="candidate")
    store.write(report.table())
    assert list(store.read()["metric"]) == ["style_adherence", "prompt_alignment", "diversity"]
    assert store.read()["low"][0] == report.metric("style_adherence").low


def test_an_evaluation_on_what_was_learnt_is_refused(judges) -> None:
    with pytest.raises(
        InputError, match="the LoRA learnt from 1 prompts of the evaluation, for example 'icon of thing 3'"
    ):
        evaluate_lora(("v", "teal"), None, "5" * 64, PROMPTS, SEEDS, drawn, judges, ["icon of thing 3"])


def test_a_prompt_that_differs_in_case_and_spaces_is_not_held_out() -> None:
    with pytest.raises(InputError, match="prompts of the evaluation, for example ' Icon of  a Lemon'"):
        require_held_out([" Icon of  a Lemon", "icon of a frog"], ["icon of a lemon"])
    require_held_out(["icon of a lime"], ["icon of a lemon"])


@pytest.mark.parametrize(("prompts", "seeds"), [(PROMPTS[:1], SEEDS), (PROMPTS, (1,)), (PROMPTS[:2] * 2, SEEDS)])
def test_too_little_to_compare_is_refused(judges, prompts, seeds) -> None:
    with pytest.raises(InputError, match=r"some are repeated, or there are fewer than two"):
        evaluate_lora(("v", "teal"), None, "5" * 64, prompts, seeds, drawn, judges, [])


def test_few_prompts_promote_nothing(judges) -> None:
    report = evaluate_lora(("v", "teal"), None, "5" * 64, PROMPTS[:5], SEEDS, drawn, judges, []).report
    verdict, _ = judge_lora(report, LENIENT)
    assert [rule.meaning for rule in verdict.unmet] == ["evaluated on 20 prompts or more"]


def test_the_interval_covers_the_mean_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    covered = [low <= 0.3 <= high for low, high in (paired_interval(random.normal(0.3, 1, 60)) for _ in range(100))]
    assert 0.88 <= np.mean(covered) <= 1.0
