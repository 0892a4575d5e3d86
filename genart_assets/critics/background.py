"""Which pixels of a picture are its flat background."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from genart_assets.critics.colours import delta_e_from
from genart_assets.critics.each_row import Picture

BORDER_SHARE = 1 / 16
"""Width of the border ring, as a share of the shorter side; at least 1 px."""
FLAT_DELTA_E = 12.0
"""CIEDE2000 within which a pixel still has the background's colour."""


def border(picture: Picture) -> npt.NDArray[np.uint8]:
    """The pixels of the border ring, ``[pixels, 3]``."""
    height, width = picture.shape[:2]
    ring = max(1, round(min(height, width) * BORDER_SHARE))
    inside = np.zeros((height, width), dtype=bool)
    inside[ring : height - ring, ring : width - ring] = True
    return picture[~inside]


def background_of(picture: Picture) -> npt.NDArray[np.bool_]:
    """``bool [height, width]``: the areas of one colour that touch the picture's edge.

    That colour is the median of the border ring, channel by channel. What the subject encloses is the subject's,
    whatever its colour. A border of many colours is no background.
    """
    from scipy.ndimage import label

    colour = np.median(border(picture), axis=0).astype(np.uint8)
    labelled: Any = label(delta_e_from(picture, colour[np.newaxis]) <= FLAT_DELTA_E)
    areas = np.asarray(labelled[0])
    outside = np.zeros(areas.max() + 1, dtype=bool)
    for edge in (areas[0], areas[-1], areas[:, 0], areas[:, -1]):
        outside[edge] = True
    outside[0] = False
    return outside[areas]
