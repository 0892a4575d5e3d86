"""Defines how a picture was made, in terms that all tools share, and reads values that nobody has checked."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, cast

from genart_assets.errors import InputError
from genart_assets.records.base import Record

DAMAGED = "export the picture again from the tool that made it, since many editors and websites change the metadata"
MAX_SIDE = 10**6
"""Longest side of a picture in px."""
_SIZE = re.compile(r"\D{0,4}(\d{1,9})\s{0,2}[x,×*]\s{0,2}(\d{1,9})\D{0,4}")


class FoundLora(Record):
    """A LoRA that the metadata names."""

    name: str
    scale: float | None = None


class GenerationMetadata(Record):
    """How a picture was made, as far as its metadata says. Numbers are not checked against any bound."""

    tool: str
    prompt: str = ""
    negative_prompt: str = ""
    size: tuple[int, int] | None = None
    """Width and height in px."""
    sampler: str = ""
    noise_schedule: str = ""
    steps: float | None = None
    guidance: float | None = None
    guidance_rescale: float | None = None
    seed: str = ""
    model: str = ""
    model_hash: str = ""
    model_reference: str = ""
    """A valid ``model`` of a brief; empty if the tool's name of the model is not one."""
    loras: tuple[FoundLora, ...] = ()
    left_out: tuple[str, ...] = ()
    """Settings that shaped the picture but do not exist in a brief."""
    remarks: tuple[str, ...] = ()


def object_in(text: str, where: str) -> Mapping[str, Any]:
    """Parse a JSON object; ``where`` names the picture and the place in it.

    Raises:
        InputError: it is not JSON, not an object, or nested too deep.
    """
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise InputError(f"{where} is nested too deep", remedy=DAMAGED) from error
    except ValueError as error:
        raise InputError(f"{where} is damaged: {error}", remedy=DAMAGED) from error
    if not isinstance(found, dict):
        raise InputError(f"{where} does not hold settings", remedy=DAMAGED)
    return cast("Mapping[str, Any]", found)


def number(value: object) -> float | None:
    """A finite number, or a text that is one; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def text(value: object) -> str:
    """A text without surrounding spaces, or a number as text; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return str(value).strip()
    except ValueError:  # an integer with thousands of digits
        return ""


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is an object; otherwise an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """The value if it is a list; otherwise an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def size_of(width: object, height: object) -> tuple[int, int] | None:
    """A width and a height in px; None if one of them is not a valid side."""
    sides = (number(width), number(height))
    if any(side is None or not 1 <= side <= MAX_SIDE for side in sides):
        return None
    return round(cast(float, sides[0])), round(cast(float, sides[1]))


def size_in(value: object) -> tuple[int, int] | None:
    """The size in a text such as ``512x768`` or ``(512, 768)``."""
    match = _SIZE.fullmatch(text(value))
    return size_of(match[1], match[2]) if match else None
