"""Checks a model family on a small model: it is found, and what it draws depends on the recipe alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from genart_assets.extend.kit.failure import CheckFailed
from genart_assets.models.families.protocol import Family
from genart_assets.starter.shipped import SHIPPED

_PROMPTS = ("glossy icon of red apple on white background", "flat icon of carrot on teal background", "a pear")
_STEPS = 2


def tiny_pipeline(folder: Path, pipeline_class: str) -> Path:
    """A small model in diffusers' layout whose pipeline is of a class: the starter's networks under that name.

    For classes that have Stable Diffusion's parts. Another one needs a small model of its own.
    """
    shutil.copytree(SHIPPED["starter"], folder)
    file = folder / "model_index.json"
    index = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(index | {"_class_name": pipeline_class}, indent=2), encoding="utf-8")
    return folder


def check_family(family: type[Family], model: Path, size: tuple[int, int] = (64, 64)) -> None:
    """Draw a few pictures with a model of the family, as a batch draws them.

    The installed package registers the family under the class of the model's pipeline; its prompt states have a row for
    each text, and a row is that text's alone; the pictures have their size, and the same bits in any order.

    Raises:
        CheckFailed: a rule is broken. ModelError: the model cannot be loaded or drawn with.
    """
    from genart_assets.models.loading import load_model

    loaded = load_model(str(model))
    if not isinstance(loaded.family, family):
        raise CheckFailed(
            f"a model of this class is taken for {type(loaded.family).__name__}; register {family.__name__} under the "
            "name of the pipeline's class and install the package again"
        )
    _check_texts(loaded.family, loaded.pipe)
    forward = _drawn(loaded, _PROMPTS, range(3), size)
    turned = _drawn(loaded, _PROMPTS[::-1], range(2, -1, -1), size)[::-1]
    if not np.array_equal(forward, turned):
        if not np.array_equal(forward, _drawn(loaded, _PROMPTS, range(3), size)):
            raise CheckFailed("the same recipes give other bits the second time; use no clock and no random numbers")
        raise CheckFailed("a picture depends on its neighbours in the micro-batch; treat every row by itself")
    if forward.shape[1:3] != size[::-1]:
        raise CheckFailed(f"pictures of {size[0]} x {size[1]} px came out as {forward.shape[2]} x {forward.shape[1]}")
    if any(int(picture.max()) == int(picture.min()) for picture in forward):
        raise CheckFailed("a picture is of one value alone; see what decode makes of the latents")


def _check_texts(family: Family, pipe: Any) -> None:
    import torch

    with torch.inference_mode():
        whole = family.encode(pipe, list(_PROMPTS))
        alone = [family.encode(pipe, [prompt]) for prompt in _PROMPTS]
    for name, states in whole.items():
        if len(states) != len(_PROMPTS):
            raise CheckFailed(f"encode gives {len(_PROMPTS)} texts {len(states)} rows of {name!r}; allowed: one a text")
        for row, one in enumerate(alone):
            if not torch.allclose(states[row].float(), one[name][0].float(), atol=1e-3):
                raise CheckFailed(f"encode gives text {_PROMPTS[row]!r} other {name!r} beside others than alone")


def _drawn(loaded: Any, prompts: Any, seeds: Any, size: tuple[int, int]) -> Any:
    from genart_assets.learning.draw_samples import draw_samples
    from genart_assets.learning.styles import LoraTrial
    from genart_assets.records.brief import Sampler

    trial = LoraTrial(prompts=tuple(prompts), size=size, sampler=Sampler(steps=_STEPS, guidance=4.0))
    return draw_samples(loaded, None, list(prompts), list(seeds), trial)
