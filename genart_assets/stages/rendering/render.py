"""A plan to pictures through the three rendering stages, without a store: for replays, evaluations and tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genart_assets.errors import ModelError
from genart_assets.models.loading import LoadedModel
from genart_assets.records.plan import PlannedImage
from genart_assets.stages.rendering.decode import Pictures, decode
from genart_assets.stages.rendering.denoise import NO_INPUTS, denoise
from genart_assets.stages.rendering.encode_prompts import encode_prompts, unique_texts
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.stages.rendering.keep_outside import kept_outside

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Rendered:
    """What became of the rows of a plan; each is in one of the two."""

    pictures: dict[str, Pictures]
    """Recipe id to picture, sRGB ``uint8 [height, width, 3]``."""
    failures: dict[str, str]
    """Recipe id to the reason why there is no picture."""


def render_rows(
    plan: Sequence[PlannedImage],
    model: LoadedModel,
    rows: int,
    inputs: Inputs = NO_INPUTS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Rendered:
    """Render a plan in micro-batches of ``rows``; a row that fails leaves the others as they are.

    Raises:
        ModelError: a LoRA or a ControlNet is gone or has changed.
    """
    import torch

    states: dict[str, dict[str, torch.Tensor]] = {}
    failed_texts: dict[str, str] = {}
    for encoded in encode_prompts(unique_texts(plan), model, rows):
        failed_texts.update(encoded.failures)
        for row, text_id in enumerate(encoded.ids):
            states[text_id] = {name: tensor[row] for name, tensor in encoded.data.items()}

    def take(ids: Sequence[str]) -> dict[str, torch.Tensor]:
        return {name: torch.stack([states[i][name] for i in ids]) for name in states[ids[0]]}

    found = Rendered({}, {})
    for part in decode(denoise(plan, take, failed_texts, model, rows, inputs), model, rows, kept_outside(plan, inputs)):
        found.pictures.update(zip(part.ids, part.data, strict=True))
        found.failures.update(part.failures)
        progress(len(found.pictures) + len(found.failures), len(plan))
    return found


def render(
    plan: Sequence[PlannedImage],
    model: LoadedModel,
    rows: int,
    inputs: Inputs = NO_INPUTS,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Pictures]:
    """As `render_rows`, where every row must have its picture: recipe id to picture.

    Raises:
        ModelError: a row failed, with its reason; or as `render_rows`.
    """
    rendered = render_rows(plan, model, rows, inputs, progress)
    for recipe_id, reason in rendered.failures.items():
        raise ModelError(f"recipe {recipe_id[:12]} failed: {reason}", remedy="look at the model's weights")
    return rendered.pictures
