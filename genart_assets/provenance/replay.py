"""Records replayed with what the storage holds beside them: the pictures, and the environments they were made in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np
import numpy.typing as npt

from genart_assets.models.device import device_class
from genart_assets.provenance.environment import capture_environment, changes_between, stored_environment
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.provenance.reproduce import Replay, reproduce
from genart_assets.provenance.weights import adapter_files, lost_weights, stored_snapshot
from genart_assets.stages.briefs.control_images import stored_control
from genart_assets.stages.briefs.start_pictures import stored_start
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.storage.images import ImageStore
from genart_assets.storage.pixels import decode_png
from genart_assets.storage.root import Storage


def replay(
    storage: Storage,
    records: Sequence[ProvenanceRecord],
    progress: Callable[[int, int], None] = lambda done, total: None,
    found: Callable[[Replay], None] = lambda replay: None,
) -> list[Replay]:
    """As `reproduce`, with distances to the stored pictures, changes since the recorded environments, and the weights
    as they are now.
    """
    now = capture_environment(device_class())

    def stored(record: ProvenanceRecord) -> npt.NDArray[np.uint8]:
        return decode_png(ImageStore(storage, record.batch).open().file_of(record.recipe_id))

    def changes(record: ProvenanceRecord) -> list[str]:
        kept = [stored_environment(storage, id) for id in {record.denoised_in, record.decoded_in} if id]
        lines = (line for then in kept if then for line in changes_between(then, now))
        return list(dict.fromkeys(lines))

    lost_once = cache(partial(lost_weights, storage))

    def lost(record: ProvenanceRecord) -> str:
        return "; ".join(filter(None, map(lost_once, record.weights)))

    usable = [record for record in records if not lost(record)]
    return reproduce(records, stored, changes, _inputs(storage, usable), lost, progress, found)


def _inputs(storage: Storage, records: Sequence[ProvenanceRecord]) -> Inputs:
    """Adapters by the names that they were kept under, pictures by their hashes."""
    kept = (stored_snapshot(storage, id) for record in records for id in record.adapter_snapshots)
    files = adapter_files(storage, [found for found in kept if found])
    return Inputs(files, partial(stored_control, storage), partial(stored_start, storage))
