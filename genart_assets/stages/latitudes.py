"""The one place where a slot's settings change: inside the bounds that its brief allows, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from genart_assets.errors import InputError
from genart_assets.records import Brief, Change, Settings


class OutsideLatitudes(InputError):
    """A change would leave the brief's latitudes; the message names the parameter, what was wanted, and the bound."""


def settings_of(brief: Brief) -> Settings:
    """What the brief as written says: the settings of every slot's first try."""
    return Settings(
        prompt=brief.prompt,
        negative_prompt=brief.negative_prompt,
        steps=brief.sampler.steps,
        guidance=brief.sampler.guidance,
        lora_scales=tuple(lora.scale for lora in brief.loras),
        control_scale=brief.control.scale if brief.control else None,
        strength=brief.start.strength if brief.start else None,
    )


def changed(brief: Brief, base: Settings, change: Change) -> Settings:
    """``base`` with what ``change`` wants otherwise. Whoever changes a parameter goes through here.

    A parameter without a latitude stays what the brief says.

    Raises:
        OutsideLatitudes: the result has a number outside its latitude, or words that are none of the brief's.
    """
    settings = base.model_copy(update=change.model_dump(exclude_none=True))
    for problem in _problems(brief, settings):
        raise OutsideLatitudes(problem, remedy=f"stay inside the latitudes of brief {brief.brief}")
    return settings


def _problems(brief: Brief, settings: Settings) -> Iterator[str]:
    written, bounds = settings_of(brief), brief.latitudes
    if len(settings.lora_scales) != len(written.lora_scales):
        yield f"{len(settings.lora_scales)} LoRA scales; the brief has {len(written.lora_scales)} LoRAs"
    numbers = [
        ("guidance", settings.guidance, written.guidance, bounds.guidance),
        ("steps", settings.steps, written.steps, bounds.steps),
        ("control_scale", settings.control_scale, written.control_scale, bounds.control_scale),
        ("strength", settings.strength, written.strength, bounds.strength),
        *(
            ("lora_scale", scale, own, bounds.lora_scale)
            for scale, own in zip(settings.lora_scales, written.lora_scales, strict=False)
        ),
    ]
    for name, value, own, bound in numbers:
        if value == own:
            continue
        if value is None or own is None or bound is None:
            yield f"{name} is {value}; allowed: {own}, as there is no latitude for it"
        elif not bound[0] <= value <= bound[1]:
            yield f"{name} is {value:g}, outside [{bound[0]:g}, {bound[1]:g}]"
    if settings.prompt not in (written.prompt, *bounds.alternative_prompts):
        yield "the prompt is none of the brief's"
    if settings.negative_prompt not in (written.negative_prompt, *bounds.negative_prompts):
        yield "the negative prompt is none of the brief's"
