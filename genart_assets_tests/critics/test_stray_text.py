import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from genart_assets.critics.stray_text import StrayText, characters_of
from genart_assets.models.text_reader import Line
from genart_assets_tests.critics.drawn import brief_of, context_of, fruit, look_at, part, plan_of

BRIEF = brief_of(style_guide={"expect": {"stray_text": {"max": 0}}})


def marked(picture, text, fill):
    image = Image.fromarray(picture)
    ImageDraw.Draw(image, "RGBA").text((6, 70), text, font=ImageFont.load_default(20), fill=fill)
    return np.asarray(image)


@pytest.fixture(scope="module")
def look():
    clean = fruit("red apple", "teal", side=128)
    pixels = np.stack([clean, marked(clean, "stockphoto", (255, 255, 255, 110)), marked(clean, "SALE 50%", "white")])
    return look_at(plan_of(BRIEF)[:3], pixels)


@pytest.fixture(scope="module")
def critic(look):
    return StrayText.for_batch(context_of(BRIEF, look))


def test_a_bound_lets_the_clean_picture_pass_and_stops_watermark_and_caption(critic, look):
    scores = critic.score(look)
    assert scores.tolist() == [0, 10, 6]
    assert critic.score(part(look, [2, 0])).tolist() == [6, 0]


def test_only_sure_lines_of_two_letters_count():
    def line(text, confidence=0.9):
        return Line((0, 0, 9, 9), text, confidence)

    assert characters_of([line("o"), line("--!"), line("a."), line("stock", 0.4)]) == 0
    assert characters_of([line("NO 1"), line("photo", 0.5)]) == 8


def test_it_runs_only_where_the_brief_bounds_it_and_names_its_package(critic, look):
    assert StrayText.for_batch(context_of(brief_of(), look)) is None
    assert critic.version.startswith("1 rapidocr ")
