"""Text templates of a brief: ``{name}`` stands for a value of ``vary.name``; ``{{`` and ``}}`` are literal braces."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from string import Formatter


@lru_cache(maxsize=64)
def parts_of(template: str) -> tuple[tuple[str, str | None], ...]:
    """The template as pairs of literal text and the name that follows it, None at the end.

    Raises:
        ValueError: a lone brace, or a placeholder with an attribute, index, conversion or format.
    """
    parts: list[tuple[str, str | None]] = []
    for literal, name, spec, conversion in Formatter().parse(template):
        if name is not None and (spec or conversion or not name or set(name) & set(".[]{}")):
            raise ValueError(f"the placeholder {{{name}}} must be a plain name of vary, without . [ ] ! :")
        parts.append((literal, name))
    return tuple(parts)


def names_in(template: str) -> tuple[str, ...]:
    """The names that a template uses, in order, once each.

    Raises:
        ValueError: as `parts_of`.
    """
    return tuple(dict.fromkeys(name for _, name in parts_of(template) if name is not None))


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with the values in place; a value's own braces stay as they are."""
    return "".join(literal + ("" if name is None else values[name]) for literal, name in parts_of(template))


def literal(text: str) -> str:
    """The template that stands for a text as it is: `fill` gives the text back."""
    return text.replace("{", "{{").replace("}", "}}")
