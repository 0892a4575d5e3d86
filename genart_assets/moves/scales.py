"""Moves along a scale: guidance, steps, the scales of LoRAs and of the control image, strength."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from genart_assets.moves.attempts import base_of
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault
from genart_assets.records.plan import Change
from genart_assets.records.retry import Attempt

SHARE_OF_ROOM = 0.5
"""How much of the room to the latitude's end one move takes: two moves leave a quarter of it."""
SMALLEST_SHARE = 0.1
"""Of the whole latitude: a change smaller than this is no other parameter."""


@dataclass(frozen=True)
class Guidance:
    """Follow the prompt more, or less, by classifier-free guidance (Ho and Salimans, 2022)."""

    name: str
    up: bool
    answers: frozenset[Fault]

    def propose(self, brief: Brief, attempts: Sequence[Attempt]) -> Change | None:
        value = towards(base_of(attempts).guidance, brief.latitudes.guidance, up=self.up)
        return None if value is None else Change(guidance=value)


@dataclass(frozen=True)
class LoraScale:
    """Give every LoRA more weight, or less."""

    name: str
    up: bool
    answers: frozenset[Fault]

    def propose(self, brief: Brief, attempts: Sequence[Attempt]) -> Change | None:
        base = base_of(attempts)
        moved = [towards(scale, brief.latitudes.lora_scale, up=self.up) for scale in base.lora_scales]
        if all(scale is None for scale in moved):
            return None
        scales = [old if new is None else new for old, new in zip(base.lora_scales, moved, strict=True)]
        return Change(lora_scales=tuple(scales))


@dataclass(frozen=True)
class ControlScale:
    """Follow the control image more, or less."""

    name: str
    up: bool
    answers: frozenset[Fault]

    def propose(self, brief: Brief, attempts: Sequence[Attempt]) -> Change | None:
        base = base_of(attempts)
        if base.control_scale is None:
            return None
        value = towards(base.control_scale, brief.latitudes.control_scale, up=self.up)
        return None if value is None else Change(control_scale=value)


@dataclass(frozen=True)
class Strength:
    """Leave the start picture further behind, or stay nearer to it."""

    name: str
    up: bool
    answers: frozenset[Fault]

    def propose(self, brief: Brief, attempts: Sequence[Attempt]) -> Change | None:
        base = base_of(attempts)
        if base.strength is None:
            return None
        value = towards(base.strength, brief.latitudes.strength, up=self.up)
        return None if value is None else Change(strength=value)


@dataclass(frozen=True)
class MoreSteps:
    """Denoise in more steps."""

    name: str
    answers: frozenset[Fault]

    def propose(self, brief: Brief, attempts: Sequence[Attempt]) -> Change | None:
        base = base_of(attempts)
        value = towards(base.steps, brief.latitudes.steps, up=True)
        steps = None if value is None else math.ceil(value)
        return None if steps is None or steps == base.steps else Change(steps=steps)


def towards(value: float, latitude: tuple[float, float] | None, *, up: bool) -> float | None:
    """Half of the way to an end of a latitude, to two decimals where these lie on the way.

    None without a latitude, or where its end is too near.
    """
    if latitude is None:
        return None
    low, high = latitude
    end = high if up else low
    moved = value + (end - value) * SHARE_OF_ROOM
    short = round(moved, 2)
    room = (end - value) if up else (value - end)
    if room <= SMALLEST_SHARE * (high - low) or moved == value:
        return None
    return short if min(value, end) < short < max(value, end) else moved


SUBJECT = frozenset({Fault.WRONG_SUBJECT})
more_guidance = Guidance("more_guidance", True, SUBJECT | {Fault.LOW_CONTRAST, Fault.WRONG_STYLE})
less_guidance = Guidance(
    "less_guidance",
    False,
    SUBJECT
    | {
        Fault.WRONG_COLOUR,
        Fault.WRONG_EXPOSURE,
        Fault.OVER_CONTRAST,
        Fault.NOISE,
        Fault.DUPLICATE,
        Fault.UNPLEASING,
    },
)
more_steps = MoreSteps("more_steps", SUBJECT | {Fault.BLUR, Fault.NOISE, Fault.WRONG_COLOUR})
more_lora = LoraScale("more_lora", True, frozenset({Fault.WRONG_STYLE}))
less_lora = LoraScale("less_lora", False, SUBJECT)
more_control = ControlScale("more_control", True, frozenset({Fault.WRONG_STYLE}))
less_control = ControlScale("less_control", False, SUBJECT | {Fault.UNPLEASING})
more_strength = Strength("more_strength", True, SUBJECT | {Fault.WRONG_STYLE})
less_strength = Strength("less_strength", False, frozenset({Fault.WRONG_COLOUR, Fault.UNPLEASING}))
