"""Images rendered again from their records alone, and compared with what is stored, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from pydantic import Field

from genart_assets.errors import InputError, StorageError
from genart_assets.models.loading import load_model
from genart_assets.models.microbatch import micro_batch_rows
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.records.base import Record
from genart_assets.records.plan import PlannedImage
from genart_assets.stages.planning.plan import plan_of
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.stages.rendering.render import render_rows
from genart_assets.storage.pixels import pixel_sha256

Picture = npt.NDArray[np.uint8]
"""sRGB ``[height, width, 3]``."""


class Distance(Record):
    """How far two pictures are from each other."""

    max_abs: int = Field(ge=0, le=255, description="largest difference of a channel of a pixel")
    psnr: float = Field(description="dB; higher is nearer")
    delta_e: float = Field(description="mean CIEDE2000 of the pixels")
    embedding: float = Field(description="1 - cosine of the shipped critic's embeddings, 0 to 2")


class Replay(Record):
    """What became of rendering an image again."""

    image: str = Field(description="recipe id")
    batch: str
    bit_identical: bool
    pixel_sha256: str | None = Field(description="of the new picture; None where it was not rendered")
    distance: Distance | None = Field(
        default=None, description="to the stored picture; None where they are equal, or one of them is not there"
    )
    differs: tuple[str, ...] = Field(default=(), description="what of the environment is not as it was")
    problem: str = Field(default="", description="why it could not be rendered, or compared; else empty")


def reproduce(
    records: Sequence[ProvenanceRecord],
    stored: Callable[[ProvenanceRecord], Picture],
    changes: Callable[[ProvenanceRecord], Sequence[str]],
    inputs: Inputs,
    lost: Callable[[ProvenanceRecord], str],
    progress: Callable[[int, int], None] = lambda done, total: None,
    found: Callable[[Replay], None] = lambda replay: None,
) -> list[Replay]:
    """Render every record's recipe again, and compare the pixels by their hash.

    Nothing but the record, and the weights and pictures that it names by hash, is used: no stored prompt states,
    latents or pictures. ``inputs`` gives them.
    ``stored`` gives a record's picture, ``changes`` what of its environment is not as it was; both are asked only where
    the bits differ. ``lost`` says why the weights that a record names cannot be used, or nothing: these images are
    found to have that problem before the first of the others is rendered. An image that fails while it is rendered has
    the reason as its problem, and the others go on. ``found`` is called with every answer as soon as it is there.

    Raises:
        InputError: a record is of an image that was never rendered.
    """
    for record in records:
        if record.pixel_sha256 is None:
            raise InputError(
                f"image {record.recipe_id[:12]} was never rendered", remedy="run `genart trace`, which says why"
            )
    done: dict[tuple[str, str], Replay] = {}

    def take(replay: Replay) -> None:
        done[replay.image, replay.batch] = replay
        found(replay)

    usable: list[ProvenanceRecord] = []
    for record in records:
        if problem := lost(record):
            take(_unknown(record, problem))
        else:
            usable.append(record)
    for shape in dict.fromkeys(map(_shape, usable)):
        name, snapshot, width, height = shape
        some = [record for record in usable if _shape(record) == shape]
        model = load_model(name, snapshot)
        rows = micro_batch_rows(model.device_class.device, width, height)
        before = len(done)
        rendered = render_rows(
            _plan(some), model, rows, inputs, lambda n, _, before=before: progress(before + n, len(records))
        )
        for record in some:
            picture = rendered.pictures.get(record.recipe_id)
            take(
                _unknown(record, rendered.failures[record.recipe_id])
                if picture is None
                else _compared(record, picture, stored, changes)
            )
    return [done[record.recipe_id, record.batch] for record in records]


def distance_of(a: Picture, b: Picture) -> Distance:
    """How far apart two pictures of one size are."""
    from skimage.color import deltaE_ciede2000, rgb2lab
    from skimage.metrics import peak_signal_noise_ratio

    from genart_assets.models.clip import load_clip

    first, second = load_clip().embed_images([a, b]).astype(np.float64)
    return Distance(
        max_abs=int(np.abs(a.astype(int) - b.astype(int)).max()),
        psnr=round(float(peak_signal_noise_ratio(a, b)), 3),
        delta_e=round(float(np.mean(deltaE_ciede2000(rgb2lab(a), rgb2lab(b)))), 4),
        embedding=round(1 - float(first @ second), 6),
    )


def _shape(record: ProvenanceRecord) -> tuple[str, str, int, int]:
    return record.model, record.model_snapshot, record.width, record.height


def _plan(records: Sequence[ProvenanceRecord]) -> list[PlannedImage]:
    import pandas as pd

    rows: list[Mapping[str, object]] = [record.plan_row for record in records]
    return plan_of(pd.DataFrame(rows), records[0].brief)


def _unknown(record: ProvenanceRecord, problem: str, new: str | None = None) -> Replay:
    return Replay(image=record.recipe_id, batch=record.batch, bit_identical=False, pixel_sha256=new, problem=problem)


def _compared(
    record: ProvenanceRecord,
    picture: Picture,
    stored: Callable[[ProvenanceRecord], Picture],
    changes: Callable[[ProvenanceRecord], Sequence[str]],
) -> Replay:
    new = pixel_sha256(picture)
    if new == record.pixel_sha256:
        return Replay(image=record.recipe_id, batch=record.batch, bit_identical=True, pixel_sha256=new)
    try:
        distance, differs = distance_of(picture, stored(record)), tuple(changes(record))
    except StorageError as error:
        return _unknown(record, f"it differs, but how far cannot be told: {error.message}", new)
    return Replay(
        image=record.recipe_id,
        batch=record.batch,
        bit_identical=False,
        pixel_sha256=new,
        distance=distance,
        differs=differs,
    )
