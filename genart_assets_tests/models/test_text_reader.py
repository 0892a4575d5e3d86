import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from PIL import Image, ImageDraw, ImageFont

from genart_assets.models.text_reader import GRID, LONG_SIDE, boxes_of, detector_size, load_text_reader, spelled


def written(text, *, size=28, canvas=(256, 96), colour="black"):
    image = Image.new("RGB", canvas, "white")
    ImageDraw.Draw(image).text((10, 10), text, font=ImageFont.load_default(size), fill=colour)
    return image


def test_what_is_written_is_read_where_it_stands():
    [line] = load_text_reader().read(np.asarray(written("SALE 50%")))
    assert line.text.replace(" ", "") == "SALE50%"
    assert line.confidence > 0.9
    left, top, right, bottom = line.box
    assert 0 <= left < 12
    assert 0 <= top < 20
    assert 120 < right < 180
    assert 30 < bottom < 60


@pytest.mark.parametrize("degrees", [90, -90])
def test_a_line_that_runs_up_or_down_is_turned(degrees):
    turned = written("WATERMARK", canvas=(256, 64)).rotate(degrees, expand=True)
    texts = [line.text for line in load_text_reader().read(np.asarray(turned)) if line.confidence > 0.5]
    assert texts == ["WATERMARK"]


def test_a_blank_picture_has_no_lines():
    assert load_text_reader().read(np.full((64, 64, 3), 255, np.uint8)) == []


@given(st.integers(8, 8192), st.integers(8, 8192))
def test_the_detector_gets_sides_that_it_can_take(width, height):
    sides = detector_size(width, height)
    assert all(side % GRID == 0 and GRID <= side <= LONG_SIDE for side in sides)


@pytest.mark.parametrize(
    ("size", "wanted"), [((64, 64), (736, 736)), ((1024, 1024), (1024, 1024)), ((4096, 2048), (2016, 1024))]
)
def test_small_pictures_are_enlarged_and_large_ones_reduced(size, wanted):
    assert detector_size(*size) == wanted


def test_areas_become_boxes_of_the_picture_moved_outwards():
    probabilities = np.zeros((64, 128), np.float32)
    probabilities[20:30, 40:80] = 0.9
    probabilities[50:60, 10:50] = 0.4  # too faint for a line
    probabilities[5, 5:30] = 0.9  # too thin
    out = 1.6 * 400 / 100
    [box] = boxes_of(probabilities, 256, 64)
    assert_allclose(box, (2 * (40 - out), 20 - out, 2 * (80 + out), 30 + out), atol=1)
    probabilities[:10, 100:] = 0.9
    assert boxes_of(probabilities, 256, 64)[1][1:3] == (0, 256)


def test_repeats_count_once_and_blanks_part_them():
    characters = ("", "a", "b")
    steps = np.full((7, 3), 0.1, np.float32)
    for step, best in enumerate((0, 1, 1, 0, 1, 2, 0)):
        steps[step, best] = 0.8
    text, confidence = spelled(steps, characters)
    assert text == "aab"
    assert_allclose(confidence, 0.8, rtol=1e-6)
    assert spelled(np.eye(3, dtype=np.float32)[[0, 0]], characters) == ("", 0.0)
