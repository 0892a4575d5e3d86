import numpy as np
from numpy.testing import assert_allclose

from genart_assets.critics.sharpness import Sharpness, laplacian_variance, luma
from genart_assets_tests.critics.drawn import blurred, brief_of, context_of, fruit, look_at, plan_of


def test_luma_is_rec_601_in_8_bit_levels():
    primaries = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], np.uint8)
    assert_allclose(luma(primaries)[0], [76.245, 149.685, 29.07, 255], atol=1e-9)


def test_one_bright_pixel_has_the_variance_worked_out_by_hand():
    picture = np.zeros((5, 5, 3), np.uint8)
    picture[2, 2] = 100
    # The Laplacian is -400 once, 100 four times, 0 twenty times.
    assert_allclose(laplacian_variance(picture), (400**2 + 4 * 100**2) / 25)


def test_a_plain_picture_scores_zero():
    assert laplacian_variance(np.full((8, 8, 3), 200, np.uint8)) < 1e-20


def test_a_bound_lets_the_sharp_picture_pass_and_stops_the_blurred_one():
    brief = brief_of()
    plan = plan_of(brief)[:2]
    sharp = fruit("red apple", "white")
    look = look_at(plan, np.stack([sharp, blurred(sharp, 3)]))
    scores = Sharpness.for_batch(context_of(brief, look)).score(look)
    assert scores[0] > 300 > 30 > scores[1]
