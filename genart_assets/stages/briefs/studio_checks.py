"""Whether a brief stays inside the studio's latitudes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from genart_assets.records.brief import Brief, control_name
from genart_assets.records.studio import StudioLatitudes, allowing, is_allowed
from genart_assets.records.words import Phrases
from genart_assets.stages.briefs.checks import NUMBERS, numbers_of, prompts_of
from genart_assets.stages.briefs.problems import FieldPath, Problem, interval, number, shortened
from genart_assets.stages.briefs.templates import fill, names_in, parts_of

SHOWN_OF_A_TEXT = 120
_OF_PROMPTS = frozenset({"prompt", "vary", "control", "start", "latitudes"})
_OF_WEIGHTS = frozenset({"model", "loras", "control", "style_guide"})
"""Of these all names have been found, or none."""
_OF_NUMBERS = frozenset({"sampler", "loras", "control", "start", "latitudes"})
_OF_AMOUNTS = frozenset({"vary", "repeats", "size", "sampler", "latitudes", "retry"})


def check_studio(brief: Brief, studio: StudioLatitudes, sound: set[str]) -> Iterator[Problem]:
    """What a brief asks for beyond the studio's latitudes. ``sound`` are its fields without problems of their own.

    Its numbers and its latitudes must lie inside the studio's ranges, and every prompt that a slot may be rendered
    with must be free of forbidden words. So a later change, which the brief's latitudes bound, stays inside as well.
    """
    if studio.forbidden_words and sound >= _OF_PROMPTS:
        yield from _forbidden_words(brief, Phrases(studio.forbidden_words))
    if studio.models and sound >= _OF_WEIGHTS:
        for path, name in _weights_of(brief):
            if not is_allowed(name, studio.models):
                yield Problem(path, f"given {shortened(name, SHOWN_OF_A_TEXT)!r}; {allowing(studio.models)}")
    if sound >= _OF_NUMBERS:
        yield from _numbers(brief, studio)
    if sound >= _OF_AMOUNTS:
        yield from _amounts(brief, studio)


def _weights_of(brief: Brief) -> Iterator[tuple[FieldPath, str]]:
    yield ("model",), brief.model
    for index, use in enumerate(brief.loras):
        yield ("loras", index, "name"), use.name
    if brief.control is not None:
        yield ("control", "model" if brief.control.model else "kind"), control_name(brief.control)


def _forbidden_words(brief: Brief, phrases: Phrases) -> Iterator[Problem]:
    """A forbidden word is told at the value of vary that has it, or at the prompt where the two only make it up."""
    told: set[tuple[FieldPath, str]] = set()
    for path, template in prompts_of(brief):
        names = names_in(template)
        for combination in itertools.product(*(brief.vary[name] for name in names)):
            values = dict(zip(names, combination, strict=True))
            text = fill(template, values)
            for phrase in phrases.found_in(text):
                places: list[tuple[FieldPath, str]] = [
                    (("vary", name, brief.vary[name].index(value)), value)
                    for name, value in values.items()
                    if phrase in phrases.found_in(value)
                ]
                if not places or any(phrase in phrases.found_in(literal) for literal, _ in parts_of(template)):
                    places.append((path, text))
                for place, given in places:
                    if (place, phrase) not in told:
                        told.add((place, phrase))
                        reads = f"reads {shortened(given, SHOWN_OF_A_TEXT)!r}"
                        yield Problem(place, f"{reads}; studio.yaml forbids {phrase!r} in prompts; use other words")


def _numbers(brief: Brief, studio: StudioLatitudes) -> Iterator[Problem]:
    for name, path, value in numbers_of(brief):
        ends: tuple[float, float] | None = getattr(studio, name)
        if ends is not None and not ends[0] <= value <= ends[1]:
            yield Problem(path, f"is {number(value)}; studio.yaml allows {number(ends[0])} to {number(ends[1])}")
    for name in NUMBERS:
        ends = getattr(studio, name)
        own: tuple[float, float] | None = getattr(brief.latitudes, name)
        if own is not None and ends is not None and not ends[0] <= own[0] <= own[1] <= ends[1]:
            wider = f"given {interval(own)}; studio.yaml allows {interval(ends)}"
            yield Problem(("latitudes", name), f"{wider}, which a brief can only narrow")


def _amounts(brief: Brief, studio: StudioLatitudes) -> Iterator[Problem]:
    width, height = brief.size
    if studio.most_pixels is not None and width * height > studio.most_pixels:
        text = f"{width} x {height} are {width * height:,} pixels; studio.yaml allows {studio.most_pixels:,} an image"
        yield Problem(("size",), text)
    path, rounds = ("vary",) if brief.vary else ("repeats",), brief.retry.rounds
    tries = f"{brief.slot_count:,} slots, each tried up to {1 + rounds} times"
    images = brief.slot_count * (1 + rounds)
    fewer = "order fewer slots or retry rounds"
    if studio.most_images is not None and images > studio.most_images:
        yield Problem(
            path, f"{tries}, are {images:,} images; studio.yaml allows {studio.most_images:,} a brief; {fewer}"
        )
    cost, most = megapixel_steps(brief), studio.most_megapixel_steps
    if most is not None and cost > most:
        text = f"{tries}, are {cost:,} megapixel-steps; studio.yaml allows {most:,} a brief; {fewer}"
        yield Problem(path, f"{text}, smaller images, or fewer steps")


def megapixel_steps(brief: Brief) -> float:
    """The most that a brief may cost, told before anything is rendered: denoising steps times 10^6 pixels, summed over
    the images, if every slot is tried in every round and retries take the most steps that the latitudes allow.

    What a reviewer sends back comes on top. Classifier-free guidance, LoRAs and ControlNets make a step dearer; that
    is not in it, nor is what a step of one model costs against another's.
    """
    steps = brief.sampler.steps
    most = max(steps, brief.latitudes.steps[1]) if brief.latitudes.steps else steps
    return brief.slot_count * (steps + brief.retry.rounds * most) * brief.size[0] * brief.size[1] / 1e6
