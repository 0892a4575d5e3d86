"""The sampler that a tool names, as a brief names it."""

from __future__ import annotations

import re
from typing import cast

from genart_assets.models.families.schedulers import SCHEDULERS
from genart_assets.records import SchedulerName

_SAME: dict[str, SchedulerName] = {
    "euler": "euler",
    "ddim": "ddim",
    "dpmpp2m": "dpm++",
    "unipc": "unipc",
    "unipcbh2": "unipc",
}
_KIN: tuple[tuple[str, SchedulerName], ...] = (("euler", "euler"), ("ddim", "ddim"), ("dpmpp", "dpm++"))
_CLASSES: dict[str, SchedulerName] = {kind: cast("SchedulerName", name) for name, kind in SCHEDULERS.items()}
_NOISE_SCHEDULE = re.compile(r"(?:[ _](?:karras|exponential)|_k)$")
_PLAIN_SCHEDULES = ("", "automatic", "normal", "simple", "uniform")


def sampler_for(name: str, noise_schedule: str = "") -> tuple[SchedulerName, tuple[str, ...]]:
    """The brief's name for the sampler that a tool or diffusers names so, and notes where it is not the same."""
    if name in _CLASSES:
        return _CLASSES[name], ()
    spelt = name.strip().lower()
    plain = _NOISE_SCHEDULE.sub("", spelt)
    key = re.sub(r"[^a-z0-9]", "", plain.replace("+", "p"))
    suffix = "" if plain == spelt else spelt[len(plain) :].strip(" _")
    schedule = noise_schedule.strip() or {"k": "karras"}.get(suffix, suffix)
    is_plain = schedule.lower() in _PLAIN_SCHEDULES
    notes = () if is_plain else (f"its noise schedule {schedule!r} is not kept: the model's own is followed",)
    if key in _SAME:
        return _SAME[key], notes
    for start, nearest in _KIN:
        if key.startswith(start):
            return nearest, (f"sampler {name!r} has no equal here: {nearest} is the nearest", *notes)
    if name.endswith("Scheduler"):  # a delivery of a brief that left it to the model
        return "model", ()
    told = f"sampler {name!r} has no equal here" if name else "its metadata tells no sampler"
    return "model", (f"{told}: model is the one that the model ships", *notes)
