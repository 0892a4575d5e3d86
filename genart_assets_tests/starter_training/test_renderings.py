import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genart_assets.starter_training.renderings import SIDE, Jitter, as_tensor_values, place_icons
from genart_assets.starter_training.vocabulary import Pair

STILL = Jitter(share=(0.5, 0.5), shift=0.0)


def test_the_background_is_the_colour_and_the_icon_covers_it(icons):
    placed = place_icons(icons, [Pair("ball", "classic")], 1, STILL, seed=0)
    [picture] = placed.over(np.array([0]), np.array([0]), np.array([[30, 148, 149]]))
    assert picture.shape == (SIDE, SIDE, 3)
    assert (picture[:8] == (30, 148, 149)).all()
    assert np.abs(picture[SIDE // 2, SIDE // 2].astype(int) - (0xD8, 0x34, 0x3F)).max() <= 1


@given(grey=st.integers(0, 255))
def test_an_edge_lies_between_icon_and_background(grey):
    disc = np.zeros((128, 128, 4), np.uint8)
    rows, columns = np.mgrid[:128, :128]
    disc[(rows - 64) ** 2 + (columns - 64) ** 2 < 60**2] = (200, 200, 200, 255)
    placed = place_icons({Pair("disc", "s"): disc}, [Pair("disc", "s")], 1, STILL, seed=0)
    [picture] = placed.over(np.array([0]), np.array([0]), np.array([[grey] * 3]))
    assert min(grey, 200) - 1 <= picture.min() <= picture.max() <= max(grey, 200) + 1


def test_the_share_is_the_icons_size(icons):
    placed = place_icons(icons, [Pair("ball", "flat")], 1, STILL, seed=0)
    covered = placed.values[0, 0, ..., 3] > 127
    assert abs(covered.any(axis=0).sum() - SIDE / 2) <= 1


def test_a_seed_gives_the_same_places_and_another_seed_others(icons):
    pairs = [Pair("kite", "cartoon"), Pair("box", "glossy")]
    one, same, other = (place_icons(icons, pairs, 3, Jitter(), seed).values for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()
    assert (one[0, 0] != one[0, 1]).any()


def test_pictures_become_tensor_values_in_minus_one_to_one():
    values = as_tensor_values(np.array([[[[0, 255, 51]]]], np.uint8))
    assert values.shape == (1, 3, 1, 1)
    np.testing.assert_allclose(values.ravel(), [-1, 1, -0.6], atol=1e-6)
