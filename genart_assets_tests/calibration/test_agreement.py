import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.calibration.agreement import auc, gate_agreement, passes, roc, share
from genart_assets.records.style_guide import Bound


@st.composite
def judged(draw):
    """Scores with ties, and labels of both kinds."""
    scores = draw(st.lists(st.integers(-5, 5), min_size=2, max_size=60))
    labels = draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)))
    labels[0], labels[1] = True, False
    return np.array(scores, dtype=float) / 4, np.array(labels)


@settings(deadline=None)
@given(judged())
def test_auc_is_the_share_of_pairs_in_the_right_order(case):
    scores, accepted = case
    good, bad = scores[accepted], scores[~accepted]
    pairs = np.mean([(g > b) + 0.5 * (g == b) for g in good for b in bad])
    found = auc(scores, accepted)
    assert found.value == pytest.approx(pairs)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


@settings(deadline=None)
@given(judged())
def test_the_other_direction_flips_it(case):
    scores, accepted = case
    found, flipped = auc(scores, accepted), auc(-scores, accepted)
    assert flipped.value == pytest.approx(1 - found.value)
    assert (flipped.low, flipped.high) == pytest.approx((1 - found.high, 1 - found.low), abs=1e-9)
    assert auc(scores, ~accepted).value == pytest.approx(1 - found.value)


@settings(deadline=None)
@given(judged())
def test_only_the_order_of_scores_counts(case):
    scores, accepted = case
    assert auc(np.exp(scores), accepted) == auc(scores, accepted)


@settings(deadline=None)
@given(judged())
def test_the_curve_encloses_the_area(case):
    scores, accepted = case
    across, up = roc(scores, accepted)
    assert (across[0], up[0], across[-1], up[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(up, across) == pytest.approx(auc(scores, accepted).value)


@pytest.mark.parametrize("n", [2, 20, 400])
def test_a_perfect_critic_and_a_constant_one(n):
    accepted = np.arange(n) % 2 == 0
    perfect, constant = auc(accepted.astype(float), accepted), auc(np.ones(n), accepted)
    assert (perfect.value, perfect.high) == (1, 1)
    assert perfect.low < 1, "no error in a few images is no proof"
    assert constant.value == 0.5
    assert constant.low < 0.5 < constant.high


def test_more_images_narrow_the_interval():
    widths = []
    for n in (10, 100, 1000):
        random = np.random.default_rng(1)
        accepted = np.arange(n) % 2 == 0
        found = auc(random.normal(accepted, 1), accepted)
        widths.append(found.high - found.low)
    assert widths == sorted(widths, reverse=True)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    """Normal scores one deviation apart have an AUC of Φ(1/√2) = 0.7602."""
    random = np.random.default_rng(2)
    accepted = np.arange(60) % 3 == 0
    found = [auc(random.normal(accepted, 1), accepted) for _ in range(1000)]
    covered = np.mean([interval.low <= 0.76025 <= interval.high for interval in found])
    assert 0.93 < covered < 0.985


def test_an_interval_of_wilson():
    found = share(8, 10)
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)
    assert share(0, 0) is None
    assert auc(np.ones(3), np.ones(3, bool)) is None


def test_bounds_are_inclusive_and_their_figures_are_right():
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    accepted = np.array([False, True, False, True, True])
    assert passes(scores, Bound(min=0.2, max=0.4)).tolist() == [False, True, True, True, False]
    found = gate_agreement(scores, accepted, Bound(min=0.3))
    assert (found.accepted_passing, found.rejected_passing) == (2, 1)
    assert (found.accepted_failing, found.rejected_failing) == (1, 1)
    assert found.precision.value == pytest.approx(2 / 3)
    assert found.recall.value == pytest.approx(2 / 3)
    assert found.youden == pytest.approx(2 / 3 - 1 / 2)
    assert gate_agreement(scores, accepted, Bound(min=1)).precision is None
