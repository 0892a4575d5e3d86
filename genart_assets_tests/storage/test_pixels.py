import hashlib

import numpy as np
import pytest

from genart_assets.storage.pixels import decode_png, encode_png, pixel_path, pixel_sha256
from genart_assets_tests.storage.rows import picture


def test_the_hash_is_over_shape_and_pixels() -> None:
    found = pixel_sha256(picture("r01"))
    assert found == hashlib.sha256(b"8x8x3\n" + picture("r01").tobytes()).hexdigest()
    assert pixel_path(found) == f"pixels/{found[:2]}/{found}.png"
    assert pixel_sha256(np.zeros((4, 9, 3), np.uint8)) != pixel_sha256(np.zeros((9, 4, 3), np.uint8))
    turned = picture("r01").transpose(1, 0, 2)
    assert pixel_sha256(turned) == pixel_sha256(np.ascontiguousarray(turned))


def test_png_keeps_every_pixel() -> None:
    assert np.array_equal(decode_png(encode_png(picture("r01"))), picture("r01"))
    assert encode_png(picture("r01")) == encode_png(picture("r01"))


@pytest.mark.parametrize("cut", [0, 10, 60, 150])
def test_half_a_png_is_no_picture(cut: int) -> None:
    with pytest.raises((OSError, ValueError, SyntaxError)):
        decode_png(encode_png(picture("r01"))[:cut])
