"""Noise to latents, by the recipe: the diffusion pipeline's own sampling loop, one fixed micro-batch shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from genart_assets.models.busy import model_call
from genart_assets.models.loading import LoadedModel
from genart_assets.models.microbatch import chunks, pad_tensor, padded
from genart_assets.models.schedules import scheduler_of
from genart_assets.records import PlannedImage, Recipe, sha256_hex
from genart_assets.stages.encode_prompts import finite_rows
from genart_assets.streams import MicroBatch

if TYPE_CHECKING:
    import torch

TakeStates = Callable[[Sequence[str]], Mapping[str, "torch.Tensor"]]


def settings_of(recipe: Recipe) -> str:
    """What rows must share to be denoised in one call: all of the recipe but its texts and its seed."""
    return recipe.model_copy(update={"prompt": "", "negative_prompt": "", "seed": 0}).canonical()


def denoise(
    plan: Sequence[PlannedImage],
    take_states: TakeStates,
    failed_texts: Mapping[str, str],
    model: LoadedModel,
    rows: int,
) -> Iterator[MicroBatch[dict[str, torch.Tensor]]]:
    """Latents ``{"latents": [n, channels, h, w]}`` of the planned images, ``rows`` at a time, in the model's dtype.

    Args:
        take_states: text ids to the prompt states that `encode_prompts` made, one row an id.
        failed_texts: text id to the reason why it has no states; its images fail with that reason.
        rows: the fixed micro-batch shape; the last micro-batch of equal settings is padded.

    Guidance raises the contrast of what it predicts; guidance rescale (Lin et al., "Common Diffusion Noise Schedules
    and Sample Steps are Flawed", 2024, section 3.4) takes that back, by the recipe's share.

    An image's noise comes from a CPU generator with the recipe's seed, so it depends on neither device nor neighbours.
    Latents that are not finite fail their row.
    """
    groups: dict[str, list[PlannedImage]] = {}
    for planned in plan:
        reason = failed_texts.get(_positive(planned)) or failed_texts.get(_negative(planned))
        if reason:
            yield MicroBatch(ids=(), data={}, failures={planned.recipe_id: reason})
        else:
            groups.setdefault(settings_of(planned.recipe), []).append(planned)
    for group in groups.values():
        model.pipe.scheduler = scheduler_of(group[0].recipe.schedule, group[0].recipe.steps)
        for micro_batch in chunks(group, rows):
            yield _denoise_together(micro_batch, take_states, model, rows)


def _denoise_together(
    planned: Sequence[PlannedImage], take_states: TakeStates, model: LoadedModel, rows: int
) -> MicroBatch[dict[str, torch.Tensor]]:
    import torch

    def states(text_ids: Sequence[str]) -> dict[str, torch.Tensor]:
        return {name: pad_tensor(tensor.to(model.device), rows) for name, tensor in take_states(text_ids).items()}

    conditioning = model.family.conditioning(
        states([_positive(p) for p in planned]), states([_negative(p) for p in planned])
    )
    recipe = planned[0].recipe
    noise = [torch.Generator("cpu").manual_seed(p.recipe.seed) for p in padded(planned, rows)]
    with torch.inference_mode(), model_call("denoise"):
        latents = model.pipe(
            **conditioning,
            generator=noise,
            num_inference_steps=recipe.steps,
            guidance_scale=recipe.guidance,
            **({"guidance_rescale": recipe.guidance_rescale} if recipe.guidance_rescale else {}),
            width=recipe.width,
            height=recipe.height,
            output_type="latent",
        ).images
        return finite_rows([p.recipe_id for p in planned], {"latents": latents}, "the latents are not finite")


def _positive(planned: PlannedImage) -> str:
    return sha256_hex(planned.recipe.prompt)


def _negative(planned: PlannedImage) -> str:
    return sha256_hex(planned.recipe.negative_prompt)
