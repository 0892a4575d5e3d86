import numpy as np

from genart_assets.critics.background import background_of, border
from genart_assets_tests.critics.drawn import fruit


def test_the_ring_is_a_sixteenth_of_the_shorter_side():
    assert len(border(np.zeros((32, 64, 3), np.uint8))) == 32 * 64 - 28 * 60
    assert len(border(np.zeros((8, 8, 3), np.uint8))) == 64 - 36


def test_the_background_is_what_surrounds_the_subject():
    found = background_of(fruit("red apple", "teal"))
    assert found[:6].all()
    assert not found[28:44, 20:44].any()


def test_what_the_subject_encloses_is_no_background():
    picture = np.full((32, 32, 3), 255, np.uint8)
    picture[8:24, 8:24] = (220, 30, 30)
    picture[14:18, 14:18] = 255
    found = background_of(picture)
    assert found.sum() == 32 * 32 - 16 * 16
    picture[16, :8] = (220, 30, 30)
    picture[16, 18:24] = 255
    picture[16, 24:] = 255
    assert background_of(picture).sum() == 32 * 32 - 16 * 16 - 8 + 4 * 4 + 6


def test_a_border_of_many_colours_is_no_background():
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    assert background_of(noise).mean() < 0.1
