"""What is wrong with a brief, place by place, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from genart_assets.errors import InputError

MAX_TOLD = 50
MAX_COMPARED = 200
FieldPath = tuple[str | int, ...]
"""The keys and positions that lead to a value: ``("vary", "subject", 2)``; ``()`` is the whole brief."""


@dataclass(frozen=True)
class Problem:
    path: FieldPath
    text: str
    """What was given, what is allowed, how to put it right."""
    line: int | None = None
    """1-based; None where the path tells it."""


def dotted(path: FieldPath) -> str:
    """A path as the studio reads it: ``vary.subject[2]``."""
    shown = ""
    for part in path:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown


def suggestion(given: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` where a known name is close to the given one, else nothing."""
    close = get_close_matches(given, list(islice(known, MAX_COMPARED)), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def shortened(text: str, length: int = 60) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def number(value: float) -> str:
    """A number with all of its digits, so that it never reads as the bound that it misses: ``9``, ``9.0000001``."""
    return shortened(str(value).removesuffix(".0"))


def interval(ends: tuple[float, float]) -> str:
    """``[3, 9]``."""
    return f"[{number(ends[0])}, {number(ends[1])}]"


def refusal(source: str, problems: Iterable[Problem], lines: Mapping[FieldPath, int], then: str) -> InputError:
    """One error for the problems of a brief, a line each, in the order of the file; the first 50 of very many.

    ``then`` is what to do once they are corrected.
    """
    places = sorted({(p.line or _line(p.path, lines), _field(p.path), p.text) for p in problems})
    told = [f"{source}:{line}: {field}{text}" for line, field, text in places[:MAX_TOLD]]
    count = "this place" if len(told) == 1 else f"these {len(told)} places"
    if len(places) > MAX_TOLD:
        count = f"these {MAX_TOLD} places, and those like them,"
    return InputError("\n".join(told), remedy=f"correct {count} in {source} and {then}")


def _field(path: FieldPath) -> str:
    return f"field '{shortened(dotted(path), 120)}': " if path else ""


def _line(path: FieldPath, lines: Mapping[FieldPath, int]) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)
