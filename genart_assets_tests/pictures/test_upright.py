"""A picture file is read upright and in its own mode. What is refused is tested where pictures are prepared."""

from PIL import Image

from genart_assets.pictures.upright import on_white, upright_picture


def test_a_picture_stands_upright_and_keeps_its_mode(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    Image.new("L", (32, 16), 200).save(tmp_path / "turned.jpg", exif=exif)
    picture = upright_picture(tmp_path / "turned.jpg", "turned.jpg", "")
    assert (picture.mode, picture.size) == ("L", (16, 32))


def test_what_is_half_transparent_is_half_white():
    assert on_white(Image.new("RGBA", (1, 1), (0, 0, 0, 51))).getpixel((0, 0)) == (204, 204, 204)
