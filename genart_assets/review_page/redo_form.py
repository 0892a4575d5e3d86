"""What a reviewer may change in a redo: the brief's latitudes as the fields of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from genart_assets.records.base import Record
from genart_assets.records.brief import Brief
from genart_assets.stages.briefs.templates import fill
from genart_assets.stages.planning.latitudes import settings_of


class Option(Record):
    value: str
    text: str = Field(description="as the slot fills it")


class FormField(Record):
    """One setting. It has options, or bounds, or neither: then it stays what the brief says."""

    name: str = Field(description="field of records.Settings; lora_scales.0 is the first LoRA's")
    label: str
    options: tuple[Option, ...] = ()
    low: float | None = None
    high: float | None = None
    step: str = "any"

    @property
    def is_fixed(self) -> bool:
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
