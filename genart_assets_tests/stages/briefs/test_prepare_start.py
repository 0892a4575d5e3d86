"""Which start pictures and masks are taken, as which pixels, and what is said of the others."""

import numpy as np
import pytest
from PIL import Image, ImageCms

from genart_assets.errors import InputError
from genart_assets.pictures import upright
from genart_assets.stages.briefs.prepare_start import prepare_mask, prepare_start
from genart_assets_tests.deliverables.samples import icon
from genart_assets_tests.models.tiny_controls import disc

SIZE = (64, 64)
ICON = icon()
DISC = Image.fromarray(disc(20)).convert("L")


def prepared(tmp_path, image, prepare=prepare_start, size=SIZE, name="a.png", **how):
    image.save(tmp_path / name, **how)
    return prepare(str(tmp_path / name), size)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_picture_of_the_briefs_size_keeps_its_pixels(tmp_path, mode):
    assert np.array_equal(prepared(tmp_path, ICON.convert(mode)), np.asarray(ICON))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA"])
def test_every_mode_of_8_bits_becomes_rgb(tmp_path, mode):
    picture = prepared(tmp_path, ICON.convert("P" if mode == "PA" else mode))
    assert picture.shape == (64, 64, 3)
    assert np.array_equal(picture, np.asarray(ICON.convert("P" if mode == "PA" else mode).convert("RGB")))


def test_transparent_is_white(tmp_path):
    assert prepared(tmp_path, Image.new("RGBA", SIZE, (255, 0, 0, 0))).min() == 255


def test_a_picture_of_the_same_proportions_is_scaled(tmp_path):
    assert np.abs(prepared(tmp_path, ICON.resize((512, 512))).astype(int) - np.asarray(ICON)).max() < 24
    assert prepared(tmp_path, ICON.resize((1000, 667)), size=(96, 64)).shape == (64, 96, 3)
    assert prepared(tmp_path, DISC.resize((16, 16)), prepare_mask).shape == (64, 64, 3)


def test_colours_come_out_of_the_embedded_profile(tmp_path):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(prepared(tmp_path, ICON, icc_profile=srgb), np.asarray(ICON))
    linear = bytearray(srgb)
    # The primaries of red and blue change places, and so do these channels.
    red, blue = (linear.index(tag) for tag in (b"rXYZ", b"bXYZ"))
    linear[red : red + 4], linear[blue : blue + 4] = b"bXYZ", b"rXYZ"
    swapped = prepared(tmp_path, ICON, icc_profile=bytes(linear))
    assert np.abs(swapped[..., ::-1].astype(int) - np.asarray(ICON)).mean() < 2
    with pytest.raises(InputError, match=r"a\.png has a colour profile that cannot be used") as caught:
        prepared(tmp_path, ICON, icc_profile=b"no profile")
    assert caught.value.remedy == "save it in sRGB"


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (ICON.resize((64, 32)), "is 64 x 32 px, and the brief's size is 64 x 64 px"),
        (Image.fromarray(np.zeros((64, 64), np.uint16)), "has mode I;16, a start picture is 1, L"),
    ],
)
def test_other_proportions_and_other_depths_are_refused(tmp_path, image, says):
    with pytest.raises(InputError, match=says) as caught:
        prepared(tmp_path, image)
    assert caught.value.remedy


def test_cmyk_is_refused(tmp_path):
    with pytest.raises(InputError, match="has mode CMYK"):
        prepared(tmp_path, ICON.convert("CMYK"), name="a.jpg")


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_a_mask_has_its_level_in_all_channels(tmp_path, mode):
    assert np.array_equal(prepared(tmp_path, DISC.convert(mode), prepare_mask), disc(20))


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (Image.new("L", SIZE, 0), "repaints nothing"),
        (Image.new("L", SIZE, 127), "repaints nothing"),
        (Image.new("L", SIZE, 255), "repaints everything"),
        (DISC.resize((64, 32)), "is 64 x 32 px"),
        (DISC.convert("RGBA"), "has mode RGBA, a mask is 1 or L or RGB"),
    ],
)
def test_a_mask_that_says_nothing_is_refused(tmp_path, image, says):
    with pytest.raises(InputError, match=says) as caught:
        prepared(tmp_path, image, prepare_mask)
    assert caught.value.remedy


@pytest.mark.parametrize("prepare", [prepare_start, prepare_mask])
def test_what_is_damaged_missing_or_too_large_is_refused(tmp_path, prepare, monkeypatch):
    with pytest.raises(InputError, match=r"none\.png is not a readable picture: there is no such file"):
        prepare(str(tmp_path / "none.png"), SIZE)
    ICON.save(tmp_path / "cut.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:-500])
    with pytest.raises(InputError, match=r"cut\.png is not a readable picture"):
        prepare(str(tmp_path / "cut.png"), SIZE)
    monkeypatch.setattr(upright, "MAX_PIXELS", 4095)
    ICON.save(tmp_path / "large.png")
    with pytest.raises(InputError, match=r"large\.png has 64 x 64 px, at most 4,095"):
        prepare(str(tmp_path / "large.png"), SIZE)
