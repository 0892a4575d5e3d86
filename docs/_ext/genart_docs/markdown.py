"""Small pieces of Markdown: cells, code, tables, and docstrings as text."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Sequence

_LITERAL = re.compile(r"``(.+?)``", re.DOTALL)


def code(text: object) -> str:
    return f"`{text}`"


def as_yaml(value: object) -> str:
    """A default as a brief would write it."""
    return code(json.dumps(value, ensure_ascii=False)) if value not in (None, "", [], {}) else "none"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells may hold Markdown of one paragraph."""
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"]
    lines += [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def docstring(thing: object) -> str:
    """What the docstring of a class, function or module says, as Markdown; empty if it has none of its own."""
    return _LITERAL.sub(r"`\1`", inspect.cleandoc(vars(thing).get("__doc__") or getattr(thing, "__doc__", "") or ""))


def one_line(text: str) -> str:
    """The first paragraph on one line."""
    return " ".join(text.split("\n\n", 1)[0].split())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|") or " "
