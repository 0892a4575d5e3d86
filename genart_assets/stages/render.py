"""A plan to pictures through the three rendering stages, without a store: for evaluations and tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from genart_assets.errors import ModelError
from genart_assets.models.loading import LoadedModel
from genart_assets.records import PlannedImage
from genart_assets.stages.decode import Pictures, decode
from genart_assets.stages.denoise import NO_INPUTS, denoise
from genart_assets.stages.encode_prompts import encode_prompts, unique_texts
from genart_assets.stages.inputs import Inputs
from genart_assets.stages.keep_outside import kept_outside

if TYPE_CHECKING:
    import torch


def render(
    plan: Sequence[PlannedImage],
    model: LoadedModel,
    rows: int,
    inputs: Inputs = NO_INPUTS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Pictures]:
    """Recipe id to picture, sRGB ``uint8 [height, width, 3]``, in micro-batches of ``rows``.

    Raises:
        ModelError: a row failed, with its reason.
    """
    import torch

    states: dict[str, dict[str, torch.Tensor]] = {}
    for encoded in encode_prompts(unique_texts(plan), model, rows):
        for row, text_id in enumerate(encoded.ids):
            states[text_id] = {name: tensor[row] for name, tensor in encoded.data.items()}

    def take(ids: Sequence[str]) -> dict[str, torch.Tensor]:
        return {name: torch.stack([states[i][name] for i in ids]) for name in states[ids[0]]}

    found: dict[str, Pictures] = {}
    for pictures in decode(denoise(plan, take, {}, model, rows, inputs), model, rows, kept_outside(plan, inputs)):
        if pictures.failures:
            recipe_id, reason = next(iter(pictures.failures.items()))
            raise ModelError(f"recipe {recipe_id[:12]} failed: {reason}", remedy="look at the model's weights")
        found.update(zip(pictures.ids, pictures.data, strict=True))
        progress(len(found), len(plan))
    return found
