"""Renderings with a LoRA by diffusers alone: ``load_lora_weights`` of a pipeline of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genart_assets.loras.folder import WEIGHTS
from genart_assets.starter.shipped import SHIPPED

ROWS = 16


def render_with(
    lora: bytes | None, prompts: Sequence[str], seeds: Sequence[int], *, steps: int = 20, guidance: float = 5.0
) -> npt.NDArray[np.uint8]:
    """Pictures of the starter ``uint8 [n, 64, 64, 3]``, one for each prompt and seed."""
    import torch
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(str(SHIPPED["starter"]), dtype=torch.float32, use_safetensors=True)
    pipe.set_progress_bar_config(disable=True)
    if lora is not None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / WEIGHTS).write_bytes(lora)
            pipe.load_lora_weights(folder)
    found: list[npt.NDArray[np.uint8]] = []
    for first in range(0, len(prompts), ROWS):
        some = list(zip(prompts, seeds, strict=True))[first : first + ROWS]
        some += [some[0]] * (ROWS - len(some))
        drawn = pipe(
            [prompt for prompt, _ in some],
            generator=[torch.Generator("cpu").manual_seed(seed) for _, seed in some],
            num_inference_steps=steps,
            guidance_scale=guidance,
            guidance_rescale=1.0,
            width=64,
            height=64,
            output_type="np",
        ).images
        found.append((drawn * 255).round().clip(0, 255).astype(np.uint8))
    return np.concatenate(found)[: len(prompts)]
