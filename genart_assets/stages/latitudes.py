"""Whether settings lie inside the bounds that a brief allows."""

from __future__ import annotations

from genart_assets.records import Brief, Settings


def settings_of(brief: Brief) -> Settings:
    """What the brief as written says: the settings of every slot's first try."""
    return Settings(
        prompt=brief.prompt,
        negative_prompt=brief.negative_prompt,
        steps=brief.sampler.steps,
        guidance=brief.sampler.guidance,
        lora_scales=tuple(lora.scale for lora in brief.loras),
        control_scale=brief.control.scale if brief.control else None,
    )


def outside(brief: Brief, settings: Settings) -> str:
    """What of the settings leaves the brief's latitudes, with the bound; empty where nothing does.

    A parameter without a latitude stays what the brief says.
    """
    written, bounds = settings_of(brief), brief.latitudes
    numbers = [
        ("guidance", settings.guidance, written.guidance, bounds.guidance),
        ("steps", settings.steps, written.steps, bounds.steps),
        ("control_scale", settings.control_scale, written.control_scale, bounds.control_scale),
    ]
    if len(settings.lora_scales) != len(written.lora_scales):
        return f"{len(settings.lora_scales)} LoRA scales; the brief has {len(written.lora_scales)} LoRAs"
    for scale, own in zip(settings.lora_scales, written.lora_scales, strict=True):
        numbers.append(("lora_scale", scale, own, bounds.lora_scale))
    for name, value, own, bound in numbers:
        if value == own:
            continue
        if value is None or own is None or bound is None:
            return f"{name} is {value}; allowed: {own}, as there is no latitude for it"
        if not bound[0] <= value <= bound[1]:
            return f"{name} is {value:g}, outside [{bound[0]:g}, {bound[1]:g}]"
    if settings.prompt not in (written.prompt, *bounds.alternative_prompts):
        return "the prompt is none of the brief's"
    if settings.negative_prompt not in (written.negative_prompt, *bounds.negative_prompts):
        return "the negative prompt is none of the brief's"
    return ""
