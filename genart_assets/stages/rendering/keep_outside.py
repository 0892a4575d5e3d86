"""What a mask leaves black stays the start picture's own pixels, which no autoencoder gives back exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from genart_assets.records.plan import PlannedImage
from genart_assets.stages.rendering.inputs import PICTURES_IN_MEMORY, Inputs
from genart_assets.storage.pixels import Picture

Finish = Callable[[str, Picture], Picture]
"""Recipe id and decoded picture to the picture that is kept."""


def kept_outside(plan: Sequence[PlannedImage], inputs: Inputs) -> Finish:
    """Puts the start pictures' pixels back into decoded pictures, by the levels of their masks.

    A level of 0 gives the start picture's pixel, 255 the decoded one, what lies between a mean of the two. Where there
    is no mask the picture stays as it was decoded. Raises StorageError for a picture that is lost.
    """
    starts = {row.recipe_id: row.recipe.start for row in plan if row.recipe.start}
    read = lru_cache(PICTURES_IN_MEMORY)(inputs.start)

    def finish(recipe_id: str, decoded: Picture) -> Picture:
        start = starts.get(recipe_id)
        if start is None or start.mask is None:
            return decoded
        kept, level = read(start.image).astype(np.uint32), read(start.mask).astype(np.uint32)
        mixed = decoded * level + kept * (255 - level)
        return ((mixed + 127) // 255).astype(np.uint8)

    return finish
