import numpy as np
import pytest
from numpy.testing import assert_allclose

from genart_assets.critics.background import border
from genart_assets.critics.palette_distance import PaletteDistance, border_distance
from genart_assets.errors import InputError
from genart_assets_tests.critics.drawn import COLOURS, brief_of, context_of, fruit, look_at, pictures_of, plan_of


def test_the_wanted_colour_is_at_distance_zero_and_white_is_100_from_black():
    teal = np.full((16, 16, 3), (0x1E, 0x96, 0x96), np.uint8)
    assert border_distance(teal, "#1e9696") == 0
    assert_allclose(border_distance(np.zeros((16, 16, 3), np.uint8), "#ffffff"), 100, atol=0.01)


def test_the_right_background_passes_and_a_wrong_one_is_stopped():
    brief = brief_of()
    plan = plan_of(brief)[:3]
    pixels = pictures_of(plan)
    pixels[2] = fruit("red apple", "teal")  # navy was wanted
    look = look_at(plan, pixels)
    critic = PaletteDistance.for_batch(context_of(brief, look))
    assert critic is not None
    scores = critic.score(look)
    assert max(scores[:2]) < 2
    assert scores[2] > 12


def test_a_subject_that_touches_the_border_does_not_matter():
    picture = fruit("red apple", "teal", shift=14)
    assert (border(picture) == (0xDC, 0x1E, 0x1E)).all(axis=1).any()
    assert border_distance(picture, COLOURS["teal"]) < 2


def test_one_colour_is_wanted_everywhere():
    brief = brief_of(style_guide={"palette": {"background": "#ffffff"}})
    plan = plan_of(brief)[:2]
    look = look_at(plan, pictures_of(plan))
    critic = PaletteDistance.for_batch(context_of(brief, look))
    assert critic is not None
    white, teal = critic.score(look)
    assert white < 2 < 12 < teal


def test_without_a_palette_there_is_nothing_to_judge():
    brief = brief_of(style_guide={})
    assert PaletteDistance.for_batch(context_of(brief, look_at([], np.zeros((0, 8, 8, 3), np.uint8)))) is None


def test_a_background_without_a_colour_is_refused():
    brief = brief_of(style_guide={"palette": {"background": {"white": "#ffffff"}}})
    with pytest.raises(InputError, match="has no colour for navy, teal"):
        PaletteDistance.for_batch(context_of(brief, look_at([], np.zeros((0, 8, 8, 3), np.uint8))))
