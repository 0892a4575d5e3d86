"""A picture's likeness: a few bytes that stay nearly the same when the picture is re-encoded or resized."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

LUMA_SIDE = 16
CHROMA_SIDE = 4
BYTES = LUMA_SIDE**2 + 2 * CHROMA_SIDE**2

Likenesses = npt.NDArray[np.uint8]
"""``uint8 [pictures, BYTES]``."""

_AT_ONCE = 16_384
_WEIGHTS = np.repeat([1 / LUMA_SIDE**2, 1 / CHROMA_SIDE**2], [LUMA_SIDE**2, 2 * CHROMA_SIDE**2]).astype(np.float32)


def likeness_of(picture: Image.Image) -> bytes:
    """The means of a 16 by 16 grid of luma and of 4 by 4 grids of both chroma channels (ITU-R BT.601), `BYTES` long.

    Chroma is coarse, as small JPEGs and WebPs blur it. What is transparent counts as white.
    """
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    luma, blue, red = picture.convert("RGB").convert("YCbCr").split()
    grids = [(luma, LUMA_SIDE), (blue, CHROMA_SIDE), (red, CHROMA_SIDE)]
    return b"".join(plane.resize((side, side), Image.Resampling.BOX).tobytes() for plane, side in grids)


def distances(to: bytes, likenesses: Likenesses) -> npt.NDArray[np.float32]:
    """How far one likeness lies from each of many: root of the grids' mean squares, summed, in levels of 255.

    Every channel weighs the same, whatever its grid.
    """
    one = np.frombuffer(to, np.uint8).astype(np.float32)
    found = np.empty(len(likenesses), np.float32)
    for first in range(0, len(likenesses), _AT_ONCE):
        apart = likenesses[first : first + _AT_ONCE] - one
        found[first : first + _AT_ONCE] = np.sqrt(apart**2 @ _WEIGHTS)
    return found
