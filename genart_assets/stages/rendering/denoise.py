"""Noise to latents, by the recipe, step by step as the model's family predicts, in one fixed micro-batch shape."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from genart_assets.models.autoencoder import encode_pictures
from genart_assets.models.busy import model_call
from genart_assets.models.families.protocol import Conditions
from genart_assets.models.loading import LoadedModel
from genart_assets.models.microbatch import chunks, pad_tensor, padded
from genart_assets.models.sampling import denoised
from genart_assets.models.starting import Start, latent_mask
from genart_assets.records.base import sha256_hex
from genart_assets.records.plan import PlannedImage
from genart_assets.records.recipe import Recipe
from genart_assets.records.streams import MicroBatch
from genart_assets.stages.rendering.encode_prompts import finite_rows
from genart_assets.stages.rendering.inputs import PICTURES_IN_MEMORY, Inputs, Picture
from genart_assets.stages.rendering.row_pictures import RowPictures, pictures_of

if TYPE_CHECKING:
    import torch

TakeStates = Callable[[Sequence[str]], Mapping[str, "torch.Tensor"]]
Latents = MicroBatch[dict[str, "torch.Tensor"]]
NO_INPUTS = Inputs()


def settings_of(recipe: Recipe) -> str:
    """What rows of every family must share to be denoised in one call: all of the recipe but its texts, its seed and
    its pictures.
    """
    control, start = recipe.control, recipe.start
    shared = {
        "prompt": "",
        "negative_prompt": "",
        "seed": 0,
        "control": control and control.model_copy(update={"image": ""}),
        "start": start and start.model_copy(update={"image": "", "mask": start.mask and ""}),
    }
    return recipe.model_copy(update=shared).canonical()


def denoise(
    plan: Sequence[PlannedImage],
    take_states: TakeStates,
    failed_texts: Mapping[str, str],
    model: LoadedModel,
    rows: int,
    inputs: Inputs = NO_INPUTS,
) -> Iterator[Latents]:
    """Latents ``{"latents": [n, channels, h, w]}`` of the planned images, ``rows`` at a time, in the model's dtype.

    Args:
        take_states: text ids to the prompt states that `encode_prompts` made, one row an id.
        failed_texts: text id to the reason why it has no states; its images fail with that reason.
        rows: the fixed micro-batch shape; the last micro-batch of equal settings is padded.
        inputs: where the recipes' LoRAs, ControlNets and pictures are.

    An image's noise comes from a CPU generator with the recipe's seed, so it depends on neither device nor neighbours.
    Latents that are not finite fail their row, and so does a picture that is missing or has changed.

    Raises:
        ModelError: a LoRA or a ControlNet is gone or has changed.
    """
    groups: dict[tuple[str, str], list[PlannedImage]] = {}
    for planned in plan:
        reason = failed_texts.get(_positive(planned)) or failed_texts.get(_negative(planned))
        if reason:
            yield MicroBatch(ids=(), data={}, failures={planned.recipe_id: reason})
        else:
            key = settings_of(planned.recipe), model.family.group_key(model.pipe, planned.recipe)
            groups.setdefault(key, []).append(planned)
    inputs = replace(inputs, picture=_remembered(inputs.picture), start=_remembered(inputs.start))
    try:
        for group in in_switching_order(groups.values(), model.adapters.resident):
            for micro_batch in chunks(group, rows):
                yield from _with_pictures(pictures_of(micro_batch, inputs), take_states, model, rows, inputs)
    finally:
        model.adapters.rest()


def in_switching_order(groups: Iterable[list[PlannedImage]], resident: Sequence[str]) -> list[list[PlannedImage]]:
    """Groups of equal settings, so ordered that adapters are switched and loaded seldom.

    The plain ones first, then those whose adapters are there, then those whose adapters must be loaded; groups of the
    same LoRAs lie beside each other. Which order it is changes no bits.
    """

    def place(group: list[PlannedImage]) -> tuple[bool, list[str], str, list[float]]:
        recipe = group[0].recipe
        loras = [lora.snapshot for lora in recipe.loras]
        net = recipe.control.snapshot if recipe.control else ""
        return not {*loras, net} - {""} <= set(resident), loras, net, [lora.scale for lora in recipe.loras]

    return sorted(groups, key=place)


def _with_pictures(
    found: RowPictures, take_states: TakeStates, model: LoadedModel, rows: int, inputs: Inputs
) -> Iterator[Latents]:
    if found.failures:
        yield MicroBatch(ids=(), data={}, failures=found.failures)
    if found.rows:
        # Before each micro-batch: what reads this generator may draw with the same model in between.
        recipe = found.rows[0].recipe
        model.adapters.switch(recipe.loras, inputs.files)
        with _controlled(found, model, rows, inputs):
            latents = _denoise_together(found, take_states, model, rows)
        yield latents


@contextmanager
def _controlled(found: RowPictures, model: LoadedModel, rows: int, inputs: Inputs) -> Generator[None]:
    control = found.rows[0].recipe.control
    if control is None:
        yield
        return
    import torch

    net = model.adapters.control_net(control, inputs.files)
    given = torch.from_numpy(found.pictures["control image"]).permute(0, 3, 1, 2).contiguous().float() / 255
    full = pad_tensor(given, rows).to(model.device, net.dtype)
    with model.family.controlled(model.family.denoiser(model.pipe), net, full, control.scale):
        yield


def _denoise_together(found: RowPictures, take_states: TakeStates, model: LoadedModel, rows: int) -> Latents:
    import torch

    def states(text_ids: Sequence[str]) -> dict[str, torch.Tensor]:
        return {name: pad_tensor(tensor.to(model.device), rows) for name, tensor in take_states(text_ids).items()}

    planned = found.rows
    recipe = planned[0].recipe
    conditions = Conditions(
        positive=states([_positive(p) for p in planned]),
        negative=states([_negative(p) for p in planned]),
        guidance=_numbers([p.recipe.guidance for p in planned], rows),
        guidance_rescale=_numbers([p.recipe.guidance_rescale for p in planned], rows),
        size=(recipe.width, recipe.height),
    )
    noise = [torch.Generator("cpu").manual_seed(p.recipe.seed) for p in padded(planned, rows)]
    with torch.inference_mode(), model_call("denoise"):
        start = _start(found, model, rows)
        latents = denoised(model.family, model.pipe, recipe.schedule, recipe.steps, conditions, noise, start)
        return finite_rows([p.recipe_id for p in planned], {"latents": latents}, "the latents are not finite")


def _numbers(given: Sequence[float], rows: int) -> torch.Tensor:
    import torch

    return torch.tensor(padded(given, rows), dtype=torch.float64)


def _start(found: RowPictures, model: LoadedModel, rows: int) -> Start | None:
    start = found.rows[0].recipe.start
    if start is None:
        return None
    encoded = encode_pictures(model.family, model.pipe, found.pictures["start picture"], rows)
    clean = pad_tensor(encoded, rows).to(model.device, model.family.denoiser(model.pipe).dtype)
    repaint = None
    if (masks := found.pictures.get("mask")) is not None:
        repaint = pad_tensor(latent_mask(masks, (clean.shape[-2], clean.shape[-1])), rows).to(clean)
    return Start(clean, repaint, start.strength)


def _remembered(read: Callable[[str], Picture]) -> Callable[[str], Picture]:
    return lru_cache(PICTURES_IN_MEMORY)(read)


def _positive(planned: PlannedImage) -> str:
    return sha256_hex(planned.recipe.prompt)


def _negative(planned: PlannedImage) -> str:
    return sha256_hex(planned.recipe.negative_prompt)
