"""Silhouettes drawn with numpy, and the shipped ControlNet as a recipe names it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from genart_assets.models.controls import control_snapshot
from genart_assets.models.loading import LoadedModel
from genart_assets.records.recipe import RecipeControl


def disc(radius: int, side: int = 64) -> np.ndarray:
    """A white disc on black, ``uint8 [side, side, 3]``."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return np.repeat(((x**2 + y**2 < radius**2) * 255).astype(np.uint8)[..., None], 3, axis=2)


def shipped_control(*, image: str = "", scale: float = 1.0) -> RecipeControl:
    return RecipeControl(
        kind="silhouette", snapshot=control_snapshot("silhouette").snapshot_id, image=image, scale=scale
    )


def drawing(model: LoadedModel, prompts: list[str]) -> Callable[..., torch.Tensor]:
    """Latents of two prompts in three steps, with guidance, from the same noise, by any pipeline that takes prompt
    embeddings and by what else it is given.
    """
    with torch.inference_mode():
        states = model.family.encode(model.pipe, [*prompts, "", ""])["states"]
    told = {"prompt_embeds": states[:2], "negative_prompt_embeds": states[2:]}

    def drawn(pipe: Any, **more: Any) -> torch.Tensor:
        noise = [torch.Generator("cpu").manual_seed(seed) for seed in (1, 2)]
        with torch.inference_mode():
            return pipe(
                **told, generator=noise, num_inference_steps=3, guidance_scale=5.0, width=64, height=64,
                output_type="latent", **more,
            ).images  # fmt: skip

    return drawn
