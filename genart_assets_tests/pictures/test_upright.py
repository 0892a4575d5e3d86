"""A picture file is read upright and in its own mode. What is refused is tested where pictures are prepared."""

import pytest
from PIL import Image

from genart_assets.errors import InputError
from genart_assets.pictures.upright import on_white, upright_picture


def test_a_picture_stands_upright_and_keeps_its_mode(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    Image.new("L", (32, 16), 200).save(tmp_path / "turned.jpg", exif=exif)
    picture = upright_picture(tmp_path / "turned.jpg", "turned.jpg", "")
    assert (picture.mode, picture.size) == ("L", (16, 32))


def test_what_is_half_transparent_is_half_white():
    assert on_white(Image.new("RGBA", (1, 1), (0, 0, 0, 51))).getpixel((0, 0)) == (204, 204, 204)


@pytest.mark.parametrize("name", ["moves.png", "moves.webp", "moves.avif"])
def test_a_picture_that_moves_is_refused_and_not_its_first_frame_taken(tmp_path, name):
    still = Image.new("RGB", (16, 8), "red")
    still.save(tmp_path / name, save_all=True, append_images=[Image.new("RGB", (16, 8), "blue")])
    with pytest.raises(InputError, match=f"{name} is an animation of 2 frames") as caught:
        upright_picture(tmp_path / name, name, "")
    assert caught.value.remedy == "save one of its frames as a picture"


def test_a_photograph_that_carries_a_second_one_is_taken(tmp_path):
    """Telephones store a depth or brightness map behind the JPEG: Multi-Picture Format."""
    still = Image.new("RGB", (16, 8), "red")
    still.save(tmp_path / "photo.jpg", "MPO", save_all=True, append_images=[still])
    assert upright_picture(tmp_path / "photo.jpg", "photo.jpg", "").size == (16, 8)
