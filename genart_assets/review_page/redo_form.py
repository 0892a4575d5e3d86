"""Turns the brief's latitudes into the form fields that a reviewer may change in a redo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from genart_assets.records.base import Record
from genart_assets.records.brief import Brief
from genart_assets.stages.briefs.templates import fill
from genart_assets.stages.planning.latitudes import settings_of


class Option(Record):
    """One choice of a form field."""

    value: str
    text: str = Field(description="the value with the slot's values filled in")


class FormField(Record):
    """A setting with options or bounds; without either, it cannot be changed."""

    name: str = Field(description="field of records.Settings; lora_scales.0 belongs to the first LoRA")
    label: str
    options: tuple[Option, ...] = ()
    low: float | None = None
    high: float | None = None
    step: str = "any"

    @property
    def is_fixed(self) -> bool:
        """Whether the setting stays as the brief says."""
        return not self.options and self.low is None


def fields_of(brief: Brief, values: Mapping[str, str]) -> list[FormField]:
    """The fields of the form for one slot of a brief."""
    bounds, written = brief.latitudes, settings_of(brief)
    prompts = tuple(
        Option(value=text, text=fill(text, values)) for text in _once((brief.prompt, *bounds.alternative_prompts))
    )
    negatives = tuple(
        Option(value=text, text=text or "none") for text in _once((brief.negative_prompt, *bounds.negative_prompts))
    )
    fields = [
        FormField(name="prompt", label="prompt", options=prompts),
        FormField(name="negative_prompt", label="negative prompt", options=negatives),
        _number("guidance", "guidance", bounds.guidance),
        _number("steps", "steps", bounds.steps, step="1"),
        *(
            _number(f"lora_scales.{place}", f"scale of {lora.name}", bounds.lora_scale)
            for place, lora in enumerate(brief.loras)
        ),
    ]
    if written.control_scale is not None:
        fields.append(_number("control_scale", "control scale", bounds.control_scale))
    if written.strength is not None:
        fields.append(_number("strength", "strength", bounds.strength))
    return fields


def _number(name: str, label: str, bound: tuple[float, float] | None, step: str = "any") -> FormField:
    low, high = bound or (None, None)
    return FormField(name=name, label=label, low=low, high=high, step=step)


def _once(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(texts))
