"""Draws pictures with a generator in memory, for the sample grids of a training run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from genart_assets.starter_training.generator import Generator


def pipeline_of(made: Generator, vae: Any) -> Any:
    """diffusers' ``StableDiffusionPipeline`` with the given parts."""
    from diffusers import StableDiffusionPipeline

    pipeline: Any = StableDiffusionPipeline
    pipe = pipeline(
        vae=vae,
        text_encoder=made.text_encoder,
        tokenizer=made.tokenizer,
        unet=made.unet,
        scheduler=made.scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def draw(
    pipe: Any,
    captions: Sequence[str],
    *,
    steps: int = 20,
    guidance: float = 5.0,
    first_seed: int = 0,
    **conditioning: Any,
) -> np.ndarray:
    """One picture per caption, ``uint8 [n, 64, 64, 3]``; seeds count up from the first."""
    import torch

    for part in (pipe.vae, pipe.unet, pipe.text_encoder):
        part.eval()
    seeds = [torch.Generator("cpu").manual_seed(first_seed + row) for row in range(len(captions))]
    with torch.inference_mode():
        found = pipe(
            list(captions),
            generator=seeds,
            num_inference_steps=steps,
            guidance_scale=guidance,
            width=64,
            height=64,
            output_type="np",
            **conditioning,
        ).images
    return (found * 255).round().astype(np.uint8)
