import numpy as np
import pytest
from numpy.testing import assert_allclose

from genart_assets.critics.noise import Noise, noise_deviation
from genart_assets_tests.critics.drawn import brief_of, context_of, fruit, look_at, plan_of


def noisy(picture, deviation):
    """The same grey noise in every channel, so that the luma has this deviation."""
    noise = np.random.default_rng(0).normal(0, deviation, picture.shape[:2])[..., np.newaxis]
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("deviation", [2, 5, 10, 20])
def test_white_noise_is_measured_in_8_bit_levels(deviation):
    assert_allclose(noise_deviation(noisy(np.full((128, 128, 3), 128.0), deviation)), deviation, rtol=0.05)


def test_gradients_and_edges_are_no_noise():
    ramp = np.repeat(np.repeat(np.arange(64, dtype=np.uint8)[np.newaxis, :, np.newaxis] * 3, 64, axis=0), 3, axis=2)
    assert noise_deviation(ramp) < 1e-9
    assert noise_deviation(fruit("red apple", "teal")) < 1e-9


def test_a_bound_lets_the_clean_picture_pass_and_stops_the_noisy_one():
    brief = brief_of()
    clean = fruit("red apple", "teal", side=128)
    look = look_at(plan_of(brief)[:2], np.stack([clean, noisy(clean, 8)]))
    scores = Noise.for_batch(context_of(brief, look)).score(look)
    assert scores[0] < 2 < 6 < scores[1]
