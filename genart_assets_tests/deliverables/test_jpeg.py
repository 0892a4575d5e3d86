from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from genart_assets.deliverables.jpeg import XMP_LIMIT, encode_jpeg
from genart_assets.deliverables.xmp import packet_of
from genart_assets.errors import GenartError
from genart_assets_tests.deliverables.samples import embedded, icon, recipe


def test_jpeg_is_near_the_picture_and_keeps_xmp() -> None:
    picture, xmp = icon(size=(256, 256)), packet_of(embedded(recipe("кот")))
    encoded = encode_jpeg(picture, xmp, {})
    with Image.open(io.BytesIO(encoded.data)) as image:
        assert (image.format, image.size) == ("JPEG", (256, 256))
        assert image.info["xmp"].decode() == xmp
        error = np.asarray(image, dtype=float) - np.asarray(picture, dtype=float)
    assert 10 * np.log10(255**2 / np.mean(error**2)) > 40  # dB
    assert encoded.suffix == "jpg"


def test_the_longest_packet_fits_and_one_byte_more_is_refused() -> None:
    encoded = encode_jpeg(icon(), "x" * XMP_LIMIT, {})
    with Image.open(io.BytesIO(encoded.data)) as image:
        assert len(image.info["xmp"]) == XMP_LIMIT
    with pytest.raises(GenartError, match=r"65,505 bytes.*65,504"):
        encode_jpeg(icon(), "x" * (XMP_LIMIT + 1), {})
