"""Texts to prompt states: each unique prompt or negative prompt of a batch is encoded once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from genart_assets.models.busy import model_call
from genart_assets.models.loading import LoadedModel
from genart_assets.models.microbatch import chunks, padded
from genart_assets.records.base import sha256_hex
from genart_assets.records.plan import PlannedImage
from genart_assets.records.streams import MicroBatch

if TYPE_CHECKING:
    import torch


def unique_texts(plan: Sequence[PlannedImage]) -> dict[str, str]:
    """Text id (SHA-256 of the text) to text, for every prompt and negative prompt of a plan, in first-seen order."""
    texts = (text for planned in plan for text in (planned.recipe.prompt, planned.recipe.negative_prompt))
    return {sha256_hex(text): text for text in texts}


def encode_prompts(
    texts: Mapping[str, str], model: LoadedModel, rows: int
) -> Iterator[MicroBatch[dict[str, torch.Tensor]]]:
    """Encode texts by id in micro-batches of ``rows``, the last one padded.

    Yields the family's named states, each ``[n, ...]`` in the model's dtype on its device. A text whose states are not
    finite fails alone.
    """
    import torch

    for ids in chunks(list(texts), rows):
        with torch.inference_mode(), model_call("encode"):
            states = model.family.encode(model.pipe, padded([texts[i] for i in ids], rows))
        yield finite_rows(ids, states, "the prompt's states are not finite")


def finite_rows(
    ids: Sequence[str], tensors: Mapping[str, torch.Tensor], reason: str
) -> MicroBatch[dict[str, torch.Tensor]]:
    """The rows of ``ids``, the first ones of each tensor before its padding, that are finite; the others fail."""
    import torch

    finite = torch.ones(len(ids), dtype=torch.bool)
    for tensor in tensors.values():
        finite &= tensor[: len(ids)].isfinite().flatten(1).all(dim=1).cpu()
    kept = [row for row, good in enumerate(finite.tolist()) if good]
    return MicroBatch(
        ids=tuple(ids[row] for row in kept),
        data={name: tensor[kept] for name, tensor in tensors.items()},
        failures={ids[row]: reason for row, good in enumerate(finite.tolist()) if not good},
    )
