from __future__ import annotations

import io

from PIL import Image

from genart_assets.deliverables.webp import encode_webp
from genart_assets.deliverables.xmp import packet_of
from genart_assets_tests.deliverables.samples import embedded, icon, recipe


def test_webp_is_lossless_and_keeps_xmp() -> None:
    xmp = packet_of(embedded(recipe("кот")))
    encoded = encode_webp(icon(), xmp, {})
    with Image.open(io.BytesIO(encoded.data)) as image:
        assert image.format == "WEBP"
        assert image.tobytes() == icon().tobytes()
        assert image.info["xmp"].decode() == xmp
    assert encoded.suffix == "webp"
