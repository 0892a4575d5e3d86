import numpy as np
from numpy.testing import assert_allclose

from genart_assets.critics.clipping import Clipping, clipped_share
from genart_assets_tests.critics.drawn import brief_of, context_of, fruit, look_at, plan_of


def overdriven(picture, gain):
    """Contrast as too much guidance gives it."""
    return np.clip(128 + (picture.astype(float) - 128) * gain, 0, 255).astype(np.uint8)


def test_a_white_background_does_not_count_and_a_burnt_subject_does():
    picture = np.full((32, 32, 3), 255, np.uint8)
    picture[8:24, 8:24] = (220, 30, 30)
    assert clipped_share(picture) == 0
    picture[12:16, 12:16] = (255, 30, 30)
    assert_allclose(clipped_share(picture), 16 / 256)
    picture[16:20, 12:16] = (30, 0, 30)
    assert_allclose(clipped_share(picture), 32 / 256)


def test_without_a_subject_nothing_is_clipped():
    assert clipped_share(np.full((16, 16, 3), 255, np.uint8)) == 0


def test_a_bound_lets_a_drawn_picture_pass_and_stops_an_overdriven_one():
    brief = brief_of()
    drawn = fruit("red apple", "teal")
    look = look_at(plan_of(brief)[:2], np.stack([drawn, overdriven(drawn, 1.8)]))
    scores = Clipping.for_batch(context_of(brief, look)).score(look)
    assert scores[0] < 0.05 < 0.5 < scores[1]
