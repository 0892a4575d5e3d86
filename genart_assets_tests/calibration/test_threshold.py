import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.calibration import threshold as threshold_file
from genart_assets.calibration.agreement import gate_agreement
from genart_assets.calibration.threshold import best_threshold, suggested_bound, suggestion
from genart_assets.records.style_guide import Bound
from genart_assets_tests.calibration.test_agreement import judged


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch):
    monkeypatch.setattr(threshold_file, "RESAMPLES", 50)


@settings(deadline=None)
@given(judged())
def test_no_other_threshold_is_better_and_all_lie_among_the_scores(case):
    scores, accepted = case
    found = best_threshold(scores, accepted)
    assert {found.value, found.low, found.high} <= set(scores)
    assert found.low <= found.high
    reached = gate_agreement(scores, accepted, Bound(min=found.value)).youden
    for score in set(scores):
        other = gate_agreement(scores, accepted, Bound(min=score)).youden
        assert reached > other or (reached == pytest.approx(other) and found.value <= score)


@settings(deadline=None)
@given(judged(), st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_the_wanted_precision_is_reached_or_nothing_is(case, wanted):
    scores, accepted = case
    found = best_threshold(scores, accepted, wanted)
    reaching = [s for s in set(scores) if gate_agreement(scores, accepted, Bound(min=s)).precision.value >= wanted]
    assert (found and found.value) == (min(reaching) if reaching else None)
    if found:
        assert {found.low, found.high} <= set(scores)


def test_the_same_images_give_the_same_interval():
    random = np.random.default_rng(3)
    accepted = np.arange(80) % 2 == 0
    scores = random.normal(accepted, 1)
    found = best_threshold(scores, accepted)
    assert best_threshold(scores, accepted) == found
    assert found.low < found.value < found.high


def test_a_perfect_critic_is_cut_where_its_kinds_part():
    found = best_threshold(np.array([0.1, 0.2, 0.7, 0.8]), np.array([False, False, True, True]))
    assert (found.value, found.low, found.high) == (0.7, 0.7, 0.8)
    assert best_threshold(np.ones(3), np.ones(3, bool)) is None


@pytest.mark.parametrize(
    ("threshold", "direction", "now", "told"),
    [
        (0.643219, "higher", None, Bound(min=0.6432)),
        (0.643219, "lower", None, Bound(max=0.6433)),
        (-0.643219, "higher", None, Bound(min=-0.6433)),
        (123456.0, "lower", None, Bound(max=123500.0)),
        (0.0, "higher", None, Bound(min=0.0)),
        (0.5, "higher", Bound(min=0.7, max=0.9), Bound(min=0.5, max=0.9)),
        (0.5, "lower", Bound(min=0.7, max=0.9), None),
        (0.95, "higher", Bound(max=0.9), None),
    ],
)
def test_a_threshold_is_told_in_few_digits_and_stops_nothing_more(threshold, direction, now, told):
    assert suggested_bound(threshold, direction, now) == told


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.sampled_from(["higher", "lower"]))
def test_the_image_at_the_threshold_still_passes(threshold, direction):
    bound = suggested_bound(threshold, direction, None)
    assert gate_agreement(np.array([threshold]), np.array([True]), bound).accepted_passing == 1


SCORES = np.array([0.6, 0.64, 0.66, 0.68, 0.72, 0.8])
ACCEPTED = np.array([False, True, True, False, True, True])


@pytest.mark.parametrize(
    ("now", "new", "said"),
    [
        (
            Bound(min=0.7),
            Bound(min=0.64),
            "c min 0.7 → 0.64: would pass 2 more that people accepted, 1 that they rejected",
        ),
        (Bound(min=0.6), Bound(min=0.7), "c min 0.6 → 0.7: would stop 2 that people rejected, 2 that they accepted"),
        (
            Bound(max=0.7),
            Bound(max=0.9),
            "c max 0.7 → 0.9: would pass 2 more that people accepted, 0 that they rejected",
        ),
        (
            Bound(max=0.9),
            Bound(min=0.64, max=0.9),
            "c min none → 0.64: would stop 1 that people rejected, 0 that they accepted",
        ),
        (None, Bound(min=0.64), "c ≥ 0.64 (no bound now): would stop 1 that people rejected, 0 that they accepted"),
    ],
)
def test_a_suggestion_says_what_would_change(now, new, said):
    assert suggestion("c", SCORES, ACCEPTED, now, new) == said
