"""Which pixels of a picture are its flat background."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from genart_assets.critics.each_row import Picture

BORDER_SHARE = 1 / 16
"""Width of the border ring, as a share of the shorter side; at least 1 px."""
FLAT_DELTA_E = 12.0
"""CIEDE2000 within which a pixel still has the background's colour, unless the brief says otherwise."""


def border(picture: Picture) -> npt.NDArray[np.uint8]:
    """The pixels of the border ring, ``[pixels, 3]``."""
    return picture[_ring(*picture.shape[:2])]


def background_of(picture: Picture, colour: str | None = None, delta_e: float = FLAT_DELTA_E) -> npt.NDArray[np.bool_]:
    """``bool [height, width]``: the areas of one colour that touch the border.

    That colour is ``colour`` (#rrggbb), or else the border ring's median in CIE Lab; a pixel has it within ``delta_e``,
    CIEDE2000. What the subject encloses is the subject's, whatever its colour. A border without one colour is no
    background.
    """
    from scipy.ndimage import label
    from skimage.color import deltaE_ciede2000, rgb2lab

    lab = rgb2lab(picture)
    ring = _ring(*picture.shape[:2])
    wanted = np.median(lab[ring], axis=0) if colour is None else rgb2lab(rgb(colour))
    alike = deltaE_ciede2000(lab, np.reshape(wanted, (1, 1, 3))) <= delta_e
    labelled: Any = label(alike)
    areas = np.asarray(labelled[0])
    outer = np.zeros_like(ring)
    outer[[0, -1]] = outer[:, [0, -1]] = True
    return alike & np.isin(areas, areas[outer & alike])


def rgb(colour: str) -> npt.NDArray[np.uint8]:
    """#rrggbb as ``uint8 [1, 3]``."""
    return np.frombuffer(bytes.fromhex(colour.removeprefix("#")), dtype=np.uint8)[np.newaxis]


def _ring(height: int, width: int) -> npt.NDArray[np.bool_]:
    ring = max(1, round(min(height, width) * BORDER_SHARE))
    outside = np.ones((height, width), dtype=bool)
    outside[ring : height - ring, ring : width - ring] = False
    return outside
