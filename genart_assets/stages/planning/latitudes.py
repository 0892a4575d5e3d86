"""The one place where a slot's settings change: inside the bounds that its brief and the studio allow, or not at all.

The studio's bounds are those that the brief was accepted under (`catalogue.studio_of`). An accepted brief lies inside
them with all that its own latitudes allow (`stages.studio_checks`), so they forbid nothing that the brief would allow;
they are looked at again all the same, and what they refuse is told with their bound, for no wider brief would help.
Prompts need no second look: a change chooses among the brief's, and all of these were held against the forbidden words.
"""

from __future__ import annotations

from collections.abc import Iterator

from genart_assets.errors import InputError
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Change, Settings
from genart_assets.records.studio import UNBOUND, StudioLatitudes
from genart_assets.stages.briefs.problems import interval, number, shortened

SHOWN_OF_THE_WORDINGS = 240


class OutsideLatitudes(InputError):
    """A change would leave the brief's latitudes or the studio's; the message names the parameter, what was wanted, and
    the bound."""


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


def changed(brief: Brief, base: Settings, change: Change, studio: StudioLatitudes = UNBOUND) -> Settings:
    """``base`` with what ``change`` wants otherwise. Whoever changes a parameter goes through here.

    A parameter without a latitude stays what the brief says.

    Raises:
        OutsideLatitudes: the result has a number outside its latitude or the studio's, or words that are none of the
            brief's.
    """
    settings = base.model_copy(update=change.model_dump(exclude_none=True))
    for problem, whose in _problems(brief, studio, settings):
        raise OutsideLatitudes(problem, remedy=f"stay inside the latitudes of {whose}")
    return settings


def _problems(brief: Brief, studio: StudioLatitudes, settings: Settings) -> Iterator[tuple[str, str]]:
    """What is outside, and of whose latitudes."""
    written, bounds, whose = settings_of(brief), brief.latitudes, f"brief {brief.brief}"
    if len(settings.lora_scales) != len(written.lora_scales):
        yield f"{len(settings.lora_scales)} LoRA scales; the brief has {len(written.lora_scales)} LoRAs", whose
    numbers = [
        ("guidance", settings.guidance, written.guidance, bounds.guidance, studio.guidance),
        ("steps", settings.steps, written.steps, bounds.steps, studio.steps),
        ("control_scale", settings.control_scale, written.control_scale, bounds.control_scale, studio.control_scale),
        ("strength", settings.strength, written.strength, bounds.strength, studio.strength),
        *(
            ("lora_scale", scale, own, bounds.lora_scale, studio.lora_scale)
            for scale, own in zip(settings.lora_scales, written.lora_scales, strict=False)
        ),
    ]
    for name, value, own, bound, widest in numbers:
        if value is not None and widest is not None and not widest[0] <= value <= widest[1]:
            yield (
                f"{name} is {number(value)}, outside the studio's {interval(widest)}",
                "the studio, which no brief widens",
            )
        if value == own:
            continue
        if value is None or own is None or bound is None:
            yield f"{name} is {value}; allowed: {own}, as there is no latitude for it", whose
        elif not bound[0] <= value <= bound[1]:
            yield f"{name} is {number(value)}, outside {interval(bound)}", whose
    for name, text, allowed in (
        ("prompt", settings.prompt, (written.prompt, *bounds.alternative_prompts)),
        ("negative prompt", settings.negative_prompt, (written.negative_prompt, *bounds.negative_prompts)),
    ):
        if text not in allowed:
            listed = shortened(", ".join(map(repr, allowed)), SHOWN_OF_THE_WORDINGS)
            yield f"the {name} is {shortened(text)!r}, none of the brief's: {listed}", whose
