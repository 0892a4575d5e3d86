"""Pictures to embeddings in the CLIP critic's space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from genart_assets.models.clip import Clip
from genart_assets.records.streams import MicroBatch
from genart_assets.stages.rendering.decode import Pictures
from genart_assets.stages.rendering.encode_prompts import finite_rows

if TYPE_CHECKING:
    import torch


def embed_images(pictures: Iterable[MicroBatch[Pictures]], clip: Clip) -> Iterator[MicroBatch[dict[str, torch.Tensor]]]:
    """sRGB pictures ``uint8 [n, height, width, 3]`` to ``{"embedding": float32 [n, d]}``, each of length 1.

    Failures that the pictures bring along are passed on; an embedding that is not finite fails its row.
    """
    import torch

    for micro_batch in pictures:
        if not micro_batch.ids:
            yield MicroBatch(ids=(), data={}, failures=micro_batch.failures)
            continue
        embeddings = torch.from_numpy(clip.embed_images(micro_batch.data))
        kept = finite_rows(micro_batch.ids, {"embedding": embeddings}, "the image embedding is not finite")
        yield MicroBatch(ids=kept.ids, data=kept.data, failures={**micro_batch.failures, **kept.failures})
