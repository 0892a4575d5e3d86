"""Latents to pictures: the autoencoder's decoder, one fixed micro-batch shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from genart_assets.errors import StorageError
from genart_assets.models.busy import model_call
from genart_assets.models.loading import LoadedModel
from genart_assets.models.microbatch import pad_tensor
from genart_assets.records.streams import MicroBatch
from genart_assets.stages.rendering.encode_prompts import finite_rows
from genart_assets.stages.rendering.keep_outside import Finish

if TYPE_CHECKING:
    import torch

Pictures = npt.NDArray[np.uint8]


def as_decoded(_: str, picture: Pictures) -> Pictures:
    return picture


def decode(
    latents: Iterable[MicroBatch[dict[str, torch.Tensor]]], model: LoadedModel, rows: int, finish: Finish = as_decoded
) -> Iterator[MicroBatch[Pictures]]:
    """Latents ``{"latents": [n ≤ rows, c, h, w]}`` to sRGB pictures ``uint8 [n, height, width, 3]``.

    ``finish`` makes of each the picture that is kept. A row whose decoded values are not finite fails alone, and so
    does one that cannot be finished; failures that the latents bring along are passed on.
    """
    import torch

    for micro_batch in latents:
        if not micro_batch.ids:
            yield MicroBatch(ids=(), data=np.zeros((0, 0, 0, 3), np.uint8), failures=micro_batch.failures)
            continue
        with torch.inference_mode(), model_call("decode"):
            full = pad_tensor(micro_batch.data["latents"].to(model.device), rows)
            decoded = model.family.decode(model.pipe, full)
            kept = finite_rows(micro_batch.ids, {"pixels": decoded}, "the decoded picture is not finite")
            pixels = (kept.data["pixels"] * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
            pictures: Pictures = pixels.cpu().contiguous().numpy()
        finished, unfinished = _finished(dict(zip(kept.ids, pictures, strict=True)), finish)
        data: Pictures = np.stack(list(finished.values())) if finished else pictures[:0]
        failures = {**micro_batch.failures, **kept.failures, **unfinished}
        yield MicroBatch(ids=tuple(finished), data=data, failures=failures)


def _finished(pictures: dict[str, Pictures], finish: Finish) -> tuple[dict[str, Pictures], dict[str, str]]:
    done: dict[str, Pictures] = {}
    failures: dict[str, str] = {}
    for recipe_id, picture in pictures.items():
        try:
            done[recipe_id] = finish(recipe_id, picture)
        except StorageError as error:
            failures[recipe_id] = f"start picture or mask: {error.message}"
    return done, failures
