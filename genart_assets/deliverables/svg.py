"""SVG: the picture traced into filled paths."""

from __future__ import annotations

import io
import math
import re

from PIL import Image

from genart_assets.deliverables.protocol import Encoded, declares
from genart_assets.errors import GenartError

COLOURS = 24
TRACED_SIDE = 256  # px; a smaller picture is enlarged before tracing, or its contours become stairs
PALETTE_SIDE = 128  # px; the colours of a larger picture are chosen on a reduced copy

_PATHS = re.compile(r"<svg [^>]*>(.*)</svg>", re.DOTALL)


def is_svg(start: bytes) -> bool:
    """Whether a file is an SVG drawing, by its first bytes."""
    return start.lstrip()[:5] in (b"<?xml", b"<svg ")


@declares(
    media_type="image/svg+xml",
    recognises=is_svg,
    read_xmp=lambda document: document,  # the packet stands in it, as XML in XML
    read_picture=None,
    can_be_signed=True,
)
def encode_svg(picture: Image.Image, xmp: str, text: dict[str, str]) -> Encoded:
    """Trace ``picture`` in 24 colours; the SVG's nominal size is the picture's, its XMP stands in ``<metadata>``.

    The colours are flattened first: vtracer alone merges a smooth gradient into one flat shape.
    """
    flat = flattened(picture)
    return Encoded(_document(_traced_paths(flat), flat.size, picture.size, xmp).encode(), "svg")


def flattened(picture: Image.Image) -> Image.Image:
    """The picture in at most 24 colours, enlarged by a whole factor to 256 px or more, without dither."""
    factor = math.ceil(TRACED_SIDE / max(picture.size))
    enlarged = picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.LANCZOS)
    reduced = picture.copy()
    reduced.thumbnail((PALETTE_SIDE, PALETTE_SIDE), Image.Resampling.BOX)
    palette = reduced.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    return enlarged.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")


def _traced_paths(flat: Image.Image) -> str:
    import vtracer

    buffer = io.BytesIO()
    flat.save(buffer, "PNG", compress_level=1)
    traced = vtracer.convert_raw_image_to_svg(
        buffer.getvalue(),
        img_format="png",
        mode="spline",
        hierarchical="stacked",
        color_precision=8,  # every bit: the colours are few already
        layer_difference=0,
        filter_speckle=8,
        corner_threshold=90,
        length_threshold=8.0,
        splice_threshold=60,
        path_precision=1,
    )
    paths = _PATHS.search(traced)
    if paths is None:
        raise GenartError(
            "vtracer gave no SVG document", remedy="install the version of vtracer in the constraints file"
        )
    return paths[1].strip()


def _document(paths: str, traced: tuple[int, int], nominal: tuple[int, int], xmp: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{nominal[0]}" height="{nominal[1]}"'
        f' viewBox="0 0 {traced[0]} {traced[1]}">\n'
        f"<metadata>{xmp}</metadata>\n{paths}\n</svg>\n"
    )
