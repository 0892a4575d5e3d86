"""Reads the metadata of Fooocus: ``parameters`` is one JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genart_assets.from_image.generation_metadata import (
    FoundLora,
    GenerationMetadata,
    items,
    number,
    object_in,
    size_in,
    text,
)

_CHANGES_PICTURE = ("styles", "performance", "sharpness", "refiner_model", "adaptive_cfg", "freeu", "inpaint_engine")


def read_fooocus(texts: Mapping[str, str], source: str) -> GenerationMetadata | None:
    """The settings in ``parameters``, if it is JSON from Fooocus; otherwise None.

    Raises:
        InputError: the JSON is damaged.
    """
    parameters = texts.get("parameters", "")
    if not parameters.lstrip().startswith("{"):
        return None
    found = object_in(parameters, f"{source}: its metadata 'parameters'")
    if "base_model" not in found:
        return None
    return GenerationMetadata(
        tool="Fooocus",
        prompt=text(found.get("prompt")),
        negative_prompt=text(found.get("negative_prompt")),
        size=size_in(found.get("resolution")),
        sampler=text(found.get("sampler")),
        noise_schedule=text(found.get("scheduler")),
        steps=number(found.get("steps")),
        guidance=number(found.get("guidance_scale")),
        seed=text(found.get("seed")),
        model=text(found.get("base_model")),
        model_hash=text(found.get("base_model_hash")),
        loras=_loras(found),
        left_out=tuple(
            f"{key} {text(found[key])}" for key in _CHANGES_PICTURE if text(found.get(key)) not in ("", "None", "[]")
        ),
    )


def _loras(found: Mapping[str, Any]) -> tuple[FoundLora, ...]:
    listed = [items(lora) for lora in items(found.get("loras"))]
    if not listed:  # the format of older releases
        combined = [text(value) for key, value in found.items() if key.startswith("lora_combined_")]
        listed = [value.rpartition(" : ")[::2] for value in combined]
    return tuple(FoundLora(name=text(lora[0]), scale=number(lora[1])) for lora in listed if len(lora) > 1)
