"""Distances of a picture's colours from given ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from genart_assets.critics.each_row import Picture


def rgb(*colours: str) -> npt.NDArray[np.uint8]:
    """Colours written #rrggbb as ``uint8 [colours, 3]``."""
    return np.array([list(bytes.fromhex(colour.removeprefix("#"))) for colour in colours], dtype=np.uint8)


def delta_e_from(picture: Picture, colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """CIEDE2000 from each pixel to the nearest of some sRGB colours ``[colours, 3]``, ``float64 [height, width]``.

    Each colour that the picture has is measured once: a large flat picture costs no more than a small one.
    """
    from skimage.color import deltaE_ciede2000, rgb2lab

    packed = picture.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    found, where = np.unique(packed, return_inverse=True)
    own = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=-1).astype(np.uint8)
    distances = deltaE_ciede2000(rgb2lab(own)[:, np.newaxis], rgb2lab(colours)[np.newaxis])
    return np.min(distances, axis=1)[where].reshape(picture.shape[:2])
