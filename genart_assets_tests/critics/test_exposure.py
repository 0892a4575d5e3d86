import numpy as np
from numpy.testing import assert_allclose

from genart_assets.critics.exposure import Contrast, Exposure
from genart_assets_tests.critics.drawn import brief_of, fruit, look_at, plan_of


def look_of(*pictures: np.ndarray):
    return look_at(plan_of(brief_of())[: len(pictures)], np.stack(pictures))


def grey(level: int) -> np.ndarray:
    return np.full((16, 16, 3), level, np.uint8)


def test_exposure_is_lightness_from_black_to_white():
    scores = Exposure().score(look_of(grey(0), grey(119), grey(255)))
    assert_allclose(scores, [0, 50.03, 100], atol=0.02)


def test_a_bound_lets_a_drawn_picture_pass_and_stops_black_and_burnt_ones():
    drawn = np.asarray(fruit("red apple", "teal"))
    burnt = np.clip(drawn.astype(int) + 220, 0, 255).astype(np.uint8)
    dark = (drawn // 12).astype(np.uint8)
    well, too_bright, too_dark = Exposure().score(look_of(drawn, burnt, dark))
    assert too_dark < 15 < well < 85 < too_bright


def test_contrast_is_the_spread_of_lightness():
    halves = np.concatenate([grey(0)[:, :8], grey(255)[:, 8:]], axis=1)
    scores = Contrast().score(look_of(grey(90), halves))
    assert_allclose(scores, [0, 50], atol=1e-2)


def test_a_bound_lets_a_drawn_picture_pass_and_stops_a_washed_out_one():
    drawn = fruit("red apple", "white")
    washed_out = (drawn // 16 + 200).astype(np.uint8)
    well, flat = Contrast().score(look_of(drawn, washed_out))
    assert well > 10 > flat
