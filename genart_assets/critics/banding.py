"""How much of a picture is a gradient that broke into steps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from genart_assets.critics.each_row import Picture, each_picture
from genart_assets.critics.protocol import BaseCritic, Direction, Look
from genart_assets.records.fault import Fault

SHORTEST_PLATEAU = 3
"""px. One pixel between two areas is an edge that was smoothed."""
SMALLEST_STEP, LARGEST_STEP = 3, 20
"""8-bit levels. A smooth gradient has steps of 1 or 2; 6, 5 and 4 bits a channel have 4, 8 and 17; more is an edge."""


def stairs(channel: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """``bool [height, width]``: the pixels on the stairs of a channel's rows.

    Stairs are three or more plateaus in a row, each of one value and at least 3 px long, which climb or fall by 3 to 20
    levels each time.
    """
    height, width = channel.shape
    new_row = np.zeros((height, width), dtype=bool)
    new_row[:, 0] = True
    starts = np.flatnonzero(new_row | (channel != np.roll(channel, 1, axis=1)))
    lengths = np.diff(starts, append=channel.size)
    values = channel.ravel()[starts].astype(np.int16)
    rises = np.diff(values)
    sizes = np.abs(rises)
    plateaus = lengths >= SHORTEST_PLATEAU
    steps = plateaus[:-1] & plateaus[1:] & ~new_row.ravel()[starts[1:]]
    steps &= (sizes >= SMALLEST_STEP) & (sizes <= LARGEST_STEP)
    pairs = np.flatnonzero(steps[:-1] & steps[1:] & (np.sign(rises[:-1]) == np.sign(rises[1:])))
    on_stairs = np.zeros(len(starts), dtype=bool)
    for offset in range(3):
        on_stairs[pairs + offset] = True
    return np.repeat(on_stairs, lengths).reshape(height, width)


def banded_share(picture: Picture) -> float:
    banded = np.zeros(picture.shape[:2], dtype=bool)
    for channel in np.moveaxis(picture, -1, 0):
        banded |= stairs(channel) | stairs(channel.T).T
    return float(np.mean(banded))


class Banding(BaseCritic):
    """Share of the picture's pixels on false contours, 0 to 1.

    A pixel counts where the row or column through it, in any channel, is a flight of stairs: three or more flat
    plateaus of at least 3 px, each 3 to 20 of 255 levels above, or each below, the one before. Flat areas, single edges
    and smooth gradients do not count; noise over the plateaus hides them from the eye and from this measure.
    """

    name: str = "banding"
    unit: str = "share"
    direction: Direction = "lower"
    version: str = "1"
    faults = frozenset({Fault.BANDING})

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return each_picture(look, banded_share)
