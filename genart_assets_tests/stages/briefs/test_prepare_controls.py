"""Which control images are taken, and what is said of the others."""

import numpy as np
import pytest
from PIL import Image

from genart_assets.errors import InputError
from genart_assets.stages.briefs.prepare_controls import prepare_control
from genart_assets_tests.models.tiny_controls import disc

SIZE = (64, 64)
DISC = Image.fromarray(disc(20))


def prepared(tmp_path, image, kind="silhouette", size=SIZE, name="shape.png"):
    image.save(tmp_path / name)
    return prepare_control(str(tmp_path / name), kind, size)


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_a_silhouette_comes_in_any_grey_mode_and_is_the_same_pixels(tmp_path, mode):
    assert np.array_equal(prepared(tmp_path, DISC.convert(mode)), disc(20))


@pytest.mark.parametrize(
    ("image", "kind", "says"),
    [
        (DISC.convert("RGBA"), "silhouette", "has mode RGBA, a silhouette image is 1 or L or RGB"),
        (DISC.convert("P"), "canny", "has mode P"),
        (Image.fromarray(np.zeros((64, 64), np.uint16)), "depth", "has mode I;16"),
        (DISC.convert("L"), "pose", "has mode L, a pose image is RGB"),
        (DISC.resize((64, 32)), "silhouette", "is 64 x 32 px"),
        (Image.new("L", SIZE, 255), "silhouette", "is of one colour"),
        (Image.new("RGB", SIZE, "red"), "silhouette", "is of one colour"),
        (Image.new("RGB", SIZE, "blue"), "pose", "is of one colour"),
        (Image.eval(DISC, lambda level: 255 - level), "silhouette", "has a white frame"),
        (Image.eval(DISC, lambda level: 255 - level), "lineart", "has a white frame"),
    ],
)
def test_another_mode_size_or_way_of_drawing_is_refused(tmp_path, image, kind, says):
    with pytest.raises(InputError, match=says) as caught:
        prepared(tmp_path, image, kind)
    assert caught.value.remedy


def test_a_depth_map_may_be_bright_at_its_frame(tmp_path):
    assert prepared(tmp_path, Image.eval(DISC, lambda level: 255 - level), "depth").max() == 255


def test_the_size_is_width_by_height(tmp_path):
    wide = Image.new("L", (64, 32), 0)
    wide.paste(255, (8, 8, 40, 24))
    assert prepared(tmp_path, wide, size=(64, 32)).shape == (32, 64, 3)


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "shape.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"shape\.png is not a readable picture"):
        prepare_control(str(tmp_path / "shape.png"), "silhouette", SIZE)
