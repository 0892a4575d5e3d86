"""One row at a time: a score that is computed alone cannot depend on its neighbours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from genart_assets.critics.protocol import Look

Picture = npt.NDArray[np.uint8]
"""sRGB ``[height, width, 3]``."""
Scores = npt.NDArray[np.float64]
"""One number a row, ``[n]``."""


def each_picture(look: Look, measure: Callable[[Picture], float]) -> Scores:
    """``measure`` of every picture, ``float64 [n]``."""
    return np.array([measure(picture) for picture in look.pixels], dtype=np.float64)
