import numpy as np
import pytest

from genart_assets.critics.banding import Banding, banded_share, stairs
from genart_assets_tests.critics.drawn import brief_of, context_of, fruit, look_at, plan_of


def gradient(side=128):
    """Each channel climbs or falls, along both axes, smoothly as 8 bits allow."""
    across, down = np.meshgrid(np.linspace(0, 1, side), np.linspace(0, 1, side))
    channels = (40 + 150 * across, 220 - 120 * across * down, 90 + 30 * down)
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)


def quantised(picture, bits):
    most = 2**bits - 1
    return np.rint(np.rint(picture / 255 * most) * 255 / most).astype(np.uint8)


def test_stairs_are_three_plateaus_in_one_direction():
    def of(row):
        return stairs(np.array([row], np.uint8))[0].tolist()

    up = [10] * 3 + [18] * 3 + [26] * 4
    assert of(up) == [True] * 10
    assert of(up[::-1]) == [True] * 10
    assert of([90, *up, 90]) == [False, *[True] * 10, False]
    for flat in ([10] * 5 + [18] * 5, [10] * 3 + [18] * 3 + [10] * 4, [10] * 3 + [18] * 2 + [26] * 5):
        assert not any(of(flat))
    for smooth_or_edge in ([10] * 3 + [12] * 3 + [14] * 4, [10] * 3 + [40] * 3 + [70] * 4):
        assert not any(of(smooth_or_edge))


def test_stairs_end_with_their_row():
    rows = np.array([[10] * 4, [18] * 4, [26] * 4], np.uint8)
    assert not stairs(rows).any()
    assert stairs(rows.T[:, [0, 0, 0, 1, 1, 1, 2, 2, 2]]).all()


@pytest.mark.parametrize("side", [128, 512])
@pytest.mark.parametrize("bits", [4, 5, 6])
def test_a_smooth_gradient_is_told_from_its_coarse_copy(side, bits):
    smooth = gradient(side)
    assert banded_share(smooth) == 0
    assert banded_share(quantised(smooth, bits)) > 0.9


def test_flat_areas_and_their_edges_are_no_bands():
    assert banded_share(fruit("red apple", "teal")) == 0
    assert banded_share(quantised(fruit("tangerine", "white", side=256), 5)) < 0.01
    stripes = np.repeat(np.array([20, 60, 100, 140, 60, 20], np.uint8), 10)
    assert banded_share(np.broadcast_to(stripes[np.newaxis, :, np.newaxis], (32, 60, 3)).copy()) == 0


def test_noise_hides_bands():
    banded = quantised(gradient(), 5)
    noise = np.random.default_rng(0).integers(-4, 5, banded.shape)
    assert banded_share(np.clip(banded + noise, 0, 255).astype(np.uint8)) < 0.01


def test_a_bound_lets_the_smooth_picture_pass_and_stops_the_banded_one():
    brief = brief_of()
    smooth = gradient()
    look = look_at(plan_of(brief)[:2], np.stack([smooth, quantised(smooth, 5)]))
    scores = Banding.for_batch(context_of(brief, look)).score(look)
    assert scores[0] < 0.05 < scores[1]
