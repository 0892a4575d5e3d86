from __future__ import annotations

import io

import numpy as np
from PIL import Image

from genart_assets.deliverables.avif import encode_avif
from genart_assets.deliverables.xmp import packet_of
from genart_assets_tests.deliverables.samples import embedded, icon, recipe


def test_avif_is_near_the_picture_and_keeps_xmp() -> None:
    picture, xmp = icon(size=(256, 256)), packet_of(embedded(recipe("кот")))
    encoded = encode_avif(picture, xmp, {})
    with Image.open(io.BytesIO(encoded.data)) as image:
        assert (image.format, image.size) == ("AVIF", (256, 256))
        assert image.info["xmp"].decode() == xmp
        error = np.asarray(image, dtype=float) - np.asarray(picture, dtype=float)
    assert 10 * np.log10(255**2 / np.mean(error**2)) > 40  # dB
    assert encoded.suffix == "avif"
