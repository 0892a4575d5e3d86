"""Translates a tool's name of a sampler into a brief's."""

from __future__ import annotations

import re
from typing import cast

from genart_assets.models.schedules import SCHEDULERS
from genart_assets.records.fields import SchedulerName

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
    """The brief's name for a sampler of a tool or of diffusers, with notes on what differs."""
    if name in _CLASSES:
        return _CLASSES[name], ()
    spelt = name.strip().lower()
    plain = _NOISE_SCHEDULE.sub("", spelt)
    key = re.sub(r"[^a-z0-9]", "", plain.replace("+", "p"))
    suffix = "" if plain == spelt else spelt[len(plain) :].strip(" _")
    schedule = noise_schedule.strip() or {"k": "karras"}.get(suffix, suffix)
    is_plain = schedule.lower() in _PLAIN_SCHEDULES
    notes = () if is_plain else (f"its noise schedule {schedule!r} is not used: the model's own is",)
    if key in _SAME:
        return _SAME[key], notes
    for start, nearest in _KIN:
        if key.startswith(start):
            return nearest, (f"there is no sampler {name!r} here: {nearest} is the nearest", *notes)
    if name.endswith("Scheduler"):  # a delivery whose brief used the model's own
        return "model", ()
    missing = f"there is no sampler {name!r} here" if name else "its metadata does not name a sampler"
    return "model", (f"{missing}: `model` stands for the model's own", *notes)
