from __future__ import annotations

import io

from PIL import Image

from genart_assets.deliverables.embedded import text_chunks
from genart_assets.deliverables.png import encode_png
from genart_assets.deliverables.xmp import packet_of
from genart_assets_tests.deliverables.samples import embedded, icon, recipe


def test_png_keeps_pixels_xmp_and_every_text() -> None:
    made = recipe("naïve café, кот, 猫")  # Latin-1 and beyond it
    xmp, text = packet_of(embedded(made)), text_chunks(embedded(made), made)
    encoded = encode_png(icon(), xmp, text)
    with Image.open(io.BytesIO(encoded.data)) as image:
        image.load()
        assert (image.format, image.mode) == ("PNG", "RGB")
        assert image.tobytes() == icon().tobytes()
        assert image.info["xmp"].decode() == xmp
        assert {key: image.info[key] for key in text} == text
        assert image.info["srgb"] == 0
    assert encoded.suffix == "png"
