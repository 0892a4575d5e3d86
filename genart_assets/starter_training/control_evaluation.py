"""Measures how well the foreground fills the given outline with the silhouette ControlNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from genart_assets.starter_training.captions import full_caption
from genart_assets.starter_training.control import JITTER, silhouettes
from genart_assets.starter_training.drawing import draw
from genart_assets.starter_training.evaluation import STEPS
from genart_assets.starter_training.icons import Icons
from genart_assets.starter_training.renderings import place_icons
from genart_assets.starter_training.spread import spread
from genart_assets.starter_training.vocabulary import Vocabulary

SEED = 52
COUNT, ROWS = 96, 16
FOREGROUND = 15.0
"""ΔE2000 from the named background above which a pixel is foreground."""


def evaluate_control(pipeline: Path, control: Path, icons: Icons, words: Vocabulary) -> dict[str, float]:
    """Median intersection over union of foreground and silhouette, with and without the ControlNet, same seeds."""
    from diffusers import ControlNetModel, StableDiffusionControlNetPipeline, StableDiffusionPipeline

    plain: Any = StableDiffusionPipeline.from_pretrained(pipeline, local_files_only=True, dtype="float32")
    net: Any = ControlNetModel.from_pretrained(control, local_files_only=True, dtype="float32")
    held: Any = StableDiffusionControlNetPipeline.from_pipe(plain, controlnet=net)
    for pipe in (plain, held):
        pipe.set_progress_bar_config(disable=True)
    pairs = spread(words.seen, COUNT)
    placed = place_icons(icons, pairs, 1, JITTER, SEED)
    outlines = silhouettes(placed.values[:, 0])
    names = list(words.backgrounds)
    behind = [names[row * 5 % len(names)] for row in range(len(pairs))]
    prompts = [full_caption(p.subject, p.style, name) for p, name in zip(pairs, behind, strict=True)]
    wanted = [words.backgrounds[name] for name in behind]
    return {
        "images": len(pairs),
        "iou_with_control": _median_iou(held, prompts, outlines, wanted, controlled=True),
        "iou_without": _median_iou(plain, prompts, outlines, wanted, controlled=False),
    }


def _median_iou(
    pipe: Any, prompts: list[str], outlines: np.ndarray, colours: list[tuple[int, int, int]], *, controlled: bool
) -> float:
    import torch

    found: list[float] = []
    for start in range(0, len(prompts), ROWS):
        some = slice(start, start + ROWS)
        given: dict[str, Any] = {"image": torch.from_numpy(outlines[some])} if controlled else {}
        pictures = draw(pipe, prompts[some], steps=STEPS, first_seed=SEED + start, **given)
        for picture, outline, colour in zip(pictures, outlines[some], colours[some], strict=True):
            found.append(iou(foreground(picture, colour), outline[0] > 0.5))
    return float(np.median(found))


def foreground(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """The pixels that differ from the background's colour."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    return deltaE_ciede2000(rgb2lab(picture), rgb2lab(np.array([[colour]], np.uint8))) > FOREGROUND


def iou(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two masks."""
    return float((one & other).sum() / max(1, (one | other).sum()))
