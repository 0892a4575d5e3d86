import numpy as np
from numpy.testing import assert_allclose

from genart_assets.critics.brand_colours import BrandColours
from genart_assets.records.style_guide import Palette
from genart_assets_tests.critics.drawn import COLOURS, FRUITS, brief_of, context_of, fruit, look_at, plan_of

RED = FRUITS["red apple"]


def square(inner, background=(255, 255, 255)):
    picture = np.full((32, 32, 3), background, np.uint8)
    picture[8:24, 8:24] = inner
    return picture


def test_the_share_is_of_the_subject_and_any_brand_colour_counts():
    critic = BrandColours(Palette(brand=(RED, "#1e9696")))
    picture = square((0xDC, 0x1E, 0x1E))
    assert critic._share(picture) == 1
    picture[8:16, 8:24] = (0x1E, 0x96, 0x96)
    assert critic._share(picture) == 1
    picture[8:12, 8:24] = (250, 210, 50)
    assert_allclose(critic._share(picture), 0.75)


def test_the_brief_says_how_near_is_near():
    reddish = square((0xC0, 0x40, 0x30))
    assert BrandColours(Palette(brand=(RED,), brand_max_delta_e=20))._share(reddish) == 1
    assert BrandColours(Palette(brand=(RED,), brand_max_delta_e=3))._share(reddish) == 0


def test_a_picture_without_a_subject_scores_zero():
    assert BrandColours(Palette(brand=("#ffffff",)))._share(np.full((16, 16, 3), 255, np.uint8)) == 0


def test_a_bound_lets_the_brands_red_pass_and_stops_green():
    brief = brief_of(style_guide={"palette": {"background": COLOURS, "brand": [RED]}})
    look = look_at(plan_of(brief)[:2], np.stack([fruit("red apple", "teal"), fruit("green apple", "teal")]))
    critic = BrandColours.for_batch(context_of(brief, look))
    assert critic is not None
    scores = critic.score(look)
    assert scores[0] > 0.7 > 0.1 > scores[1]


def test_without_brand_colours_there_is_nothing_to_judge():
    brief = brief_of()
    assert BrandColours.for_batch(context_of(brief, look_at([], np.zeros((0, 8, 8, 3), np.uint8)))) is None
    assert "style_guide.palette.brand" in BrandColours.missing_requirement(brief)
