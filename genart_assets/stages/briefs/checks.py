"""What a brief must hold beyond the types of its fields."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence

from genart_assets.errors import GenartError
from genart_assets.records.brief import Brief
from genart_assets.records.recipe import steps_taken
from genart_assets.stages.briefs.installed import Installed
from genart_assets.stages.briefs.problems import FieldPath, Problem, dotted, interval, number, shortened, suggestion
from genart_assets.stages.briefs.templates import names_in

MAX_SLOTS = 1_000_000
NUMBERS = ("guidance", "steps", "lora_scale", "control_scale", "strength")
"""The latitudes that are ranges."""


def check_slots(brief: Brief) -> Iterator[Problem]:
    for name, values in brief.vary.items():
        if not values:
            yield Problem(("vary", name), "the list is empty; give at least one value, or leave the key out")
        seen: dict[str, int] = {}
        for position, value in enumerate(values):
            if value in seen:
                text = f"{shortened(value)!r} stands at [{seen[value]}] too; for more images of a value use repeats"
                yield Problem(("vary", name, position), text)
            seen.setdefault(value, position)
    if brief.slot_count > MAX_SLOTS:
        factors = " x ".join(
            [*(f"{len(values)} {shortened(name, 20)}" for name, values in list(brief.vary.items())[:8])]
        )
        yield Problem(
            ("vary",) if brief.vary else ("repeats",),
            f"{factors or 'no values'} x {_count(brief.repeats)} repeats are {_count(brief.slot_count)} slots; "
            f"allowed: at most {MAX_SLOTS:,} a brief; order fewer combinations, or split the brief",
        )


def _count(number: int) -> str:
    return f"{number:,}" if number < 10**15 else f"about 10^{math.floor(math.log10(number))}"


def prompts_of(brief: Brief) -> Iterator[tuple[FieldPath, str]]:
    """Every template that a slot's prompt may be made of, the brief's own first, each with its place."""
    yield ("prompt",), brief.prompt
    for index, text in enumerate(brief.latitudes.alternative_prompts):
        yield ("latitudes", "alternative_prompts", index), text


def check_prompts(brief: Brief) -> Iterator[Problem]:
    used: set[str] = set()
    own, *alternatives = prompts_of(brief)
    pictures: list[tuple[FieldPath, str]] = [(("control", "image"), brief.control.image)] if brief.control else []
    if brief.start is not None:
        pictures += [(("start", "image"), brief.start.image), (("start", "mask"), brief.start.mask or "")]
    for path, template in (own, *pictures, *alternatives):
        try:
            names = names_in(template)
        except ValueError as error:
            yield Problem(path, f"{error}; write literal braces as {{{{ and }}}}")
            if path == ("prompt",):
                used |= set(brief.vary)
            continue
        if path[0] != "latitudes":
            used |= set(names)
        for name in names:
            if name not in brief.vary:
                close = suggestion(name, brief.vary) or f"; allowed: {_listed(brief.vary)}"
                yield Problem(path, f"the placeholder {{{shortened(name)}}} is not a key of vary{close}")
    negative: list[tuple[FieldPath, str]] = [(("negative_prompt",), brief.negative_prompt)]
    for index, prompt in enumerate(brief.latitudes.negative_prompts):
        negative.append((("latitudes", "negative_prompts", index), prompt))
    for name in brief.vary:
        if name not in used:
            text = f"no placeholder {{{shortened(name)}}} in the prompt; the slots would differ by their seeds only; "
            yield Problem(("vary", name), text + "use it in the prompt, or use repeats")
        for path, prompt in negative:
            if f"{{{name}}}" in prompt:
                text = f"{{{shortened(name)}}} stays as it is, the negative prompt is no template; write the words out"
                yield Problem(path, text)


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)[:20]) or "none, there is no vary"


def numbers_of(brief: Brief) -> Iterator[tuple[str, FieldPath, float]]:
    """The numbers that have a latitude: its name, the number's place, and the number."""
    yield "guidance", ("sampler", "guidance"), brief.sampler.guidance
    yield "steps", ("sampler", "steps"), brief.sampler.steps
    for index, lora in enumerate(brief.loras):
        yield "lora_scale", ("loras", index, "scale"), lora.scale
    if brief.control is not None:
        yield "control_scale", ("control", "scale"), brief.control.scale
    if brief.start is not None:
        yield "strength", ("start", "strength"), brief.start.strength


def check_latitudes(brief: Brief) -> Iterator[Problem]:
    for name in NUMBERS:
        pair: tuple[float, float] | None = getattr(brief.latitudes, name)
        if pair is not None and pair[0] > pair[1]:
            text = f"given {interval(pair)}; allowed: the lower bound first"
            yield Problem(("latitudes", name), text)
    for name, path, value in numbers_of(brief):
        pair = getattr(brief.latitudes, name)
        if pair is not None and pair[0] <= pair[1] and not pair[0] <= value <= pair[1]:
            field, given = dotted(path), number(value)
            text = f"{field} is {given}, outside {interval(pair)}; widen the latitude, or move {field} into it"
            yield Problem(("latitudes", name), text)


def check_strength(brief: Brief) -> Iterator[Problem]:
    """A start picture leaves at least one step to take, also where retries take fewer or change it less."""
    if brief.start is None:
        return
    steps, strength, bounds = brief.sampler.steps, brief.start.strength, brief.latitudes
    if not steps_taken(steps, strength):
        least = math.ceil(1000 / steps) / 1000
        text = (
            f"given {number(strength)}, which is no step of {steps}; allowed: {least:g} or more, or more sampler.steps"
        )
        yield Problem(("start", "strength"), text)
        return
    fewest, weakest = (bounds.steps or (steps,))[0], (bounds.strength or (strength,))[0]
    if not steps_taken(fewest, weakest):
        text = f"strength {number(weakest)} is no step of {fewest}; raise the lower bound of steps or of strength"
        yield Problem(("latitudes", "strength" if bounds.strength else "steps"), text)


def check_names(brief: Brief, known: Installed) -> Iterator[Problem]:
    for name in brief.style_guide.expect:
        if name not in known.critics:
            yield Problem(("style_guide", "expect", name), _unknown("critic", name, known.critics))
    palette = brief.style_guide.palette
    if palette is not None and palette.background and "palette_distance" not in known.critics:
        yield Problem(("style_guide", "palette"), "needs the critic palette_distance, which is not installed")
    for index, name in enumerate(brief.deliver.formats):
        if name not in known.formats:
            yield Problem(("deliver", "formats", index), _unknown("deliverable format", name, known.formats))
    yield from _once(("deliver", "formats"), brief.deliver.formats)
    yield from _once(("deliver", "sizes"), brief.deliver.sizes)


def check_critics(brief: Brief, known: Installed) -> Iterator[Problem]:
    """Every bounded critic that is installed can score: the brief and the machine give it what it needs."""
    for name in brief.style_guide.expect:
        if name in known.critics:
            try:
                missing = known.missing_requirement(name, brief)
            except GenartError as error:
                missing = f"{error.message}; {error.remedy}"
            if missing:
                yield Problem(("style_guide", "expect", name), missing)


def check_formats(brief: Brief, known: Installed) -> Iterator[Problem]:
    """Every format that is installed can be delivered as everything is delivered here: signed, for example."""
    for index, name in enumerate(brief.deliver.formats):
        if name in known.formats:
            try:
                problem = known.format_problem(name)
            except GenartError as error:
                problem = f"{error.message}; {error.remedy}"
            if problem:
                yield Problem(("deliver", "formats", index), problem)


def check_moves(brief: Brief, known: Installed) -> Iterator[Problem]:
    for index, name in enumerate(brief.retry.moves):
        if name not in known.moves:
            yield Problem(("retry", "moves", index), _unknown("retry move", name, known.moves))
    yield from _once(("retry", "moves"), brief.retry.moves)


def _once(path: FieldPath, values: Sequence[object]) -> Iterator[Problem]:
    first = {value: index for index, value in reversed(list(enumerate(values)))}
    for index, value in enumerate(values):
        if first[value] != index:
            yield Problem((*path, index), f"{value} stands at [{first[value]}] too; remove one of them")


def _unknown(kind: str, name: str, known: Collection[str]) -> str:
    close = suggestion(name, known)
    return f"unknown {kind}{close}{' ' if close else '; '}allowed: {', '.join(sorted(known))}"


def check_palette(brief: Brief) -> Iterator[Problem]:
    palette, path = brief.style_guide.palette, ("style_guide", "palette", "background")
    if palette is None or isinstance(palette.background, str) or not palette.background:
        return
    if "background" not in brief.vary:
        yield Problem(path, "one colour for each value needs vary.background; give one colour, or add vary.background")
        return
    values = dict.fromkeys(brief.vary["background"])
    for value in palette.background:
        if value not in values:
            text = f"no value of vary.background{suggestion(value, values)}; allowed: {', '.join(list(values)[:20])}"
            yield Problem((*path, value), text)
    if missing := [value for value in values if value not in palette.background]:
        yield Problem(path, f"no colour for {', '.join(missing[:20])}; give each value of vary.background its colour")
