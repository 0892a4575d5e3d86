"""Reads the metadata of InvokeAI since release 3: ``invokeai_metadata`` is one JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genart_assets.from_image.generation_metadata import (
    FoundLora,
    GenerationMetadata,
    items,
    mapping,
    number,
    object_in,
    size_of,
    text,
)

_CHANGES_PICTURE = (
    "controlnets", "ipAdapters", "t2iAdapters", "refiner_model", "vae", "clip_skip", "seamless_x", "seamless_y",
    "init_image", "strength", "hrf_enabled", "positive_style_prompt", "negative_style_prompt",
)  # fmt: skip


def read_invokeai(texts: Mapping[str, str], source: str) -> GenerationMetadata | None:
    """The settings in ``invokeai_metadata``; None if there is none.

    Raises:
        InputError: it is damaged.
    """
    if "invokeai_metadata" not in texts:
        return None
    found = object_in(texts["invokeai_metadata"], f"{source}: its metadata 'invokeai_metadata'")
    model = mapping(found.get("model"))
    guidance = found.get("cfg_scale")
    return GenerationMetadata(
        tool="InvokeAI",
        prompt=text(found.get("positive_prompt")),
        negative_prompt=text(found.get("negative_prompt")),
        size=size_of(found.get("width"), found.get("height")),
        sampler=text(found.get("scheduler")),
        steps=number(found.get("steps")),
        guidance=number(guidance[0] if isinstance(guidance, list) and guidance else guidance),
        guidance_rescale=number(found.get("cfg_rescale_multiplier")),
        seed=text(found.get("seed")),
        model=_name(model),
        model_hash=text(model.get("hash")),
        loras=tuple(_lora(mapping(lora)) for lora in items(found.get("loras"))),
        left_out=tuple(key for key in _CHANGES_PICTURE if found.get(key)),
    )


def _name(model: Mapping[str, Any]) -> str:
    """The model's name: ``name`` since release 4, ``model_name`` before."""
    return text(model.get("name")) or text(model.get("model_name"))


def _lora(lora: Mapping[str, Any]) -> FoundLora:
    model = mapping(lora.get("model")) or mapping(lora.get("lora"))
    return FoundLora(name=_name(model) or "without a name", scale=number(lora.get("weight")))
