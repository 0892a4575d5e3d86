"""Compiles a brief's style guide to one suite on the table of scores: one column per critic, one row per image."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from genart_assets.errors import InputError
from genart_assets.quality.bounds import PALETTE_CRITIC, bound_text, bounds_of
from genart_assets.quality.suite import Expectation, Suite, between, not_null
from genart_assets.records.brief import Brief


def style_suite(brief: Brief, known_critics: Collection[str]) -> Suite:
    """A suite with two expectations for each bound: the score exists, and it is within the bound.

    Raises:
        InputError: a bound names an unknown critic, or the palette's distance without a palette.
    """
    expectations: list[Expectation] = []
    for critic, bound in bounds_of(brief).items():
        _require_measurable(brief, critic, known_critics)
        expectations.append(not_null(critic, f"{critic} has a score"))
        expectations.append(between(critic, bound.min, bound.max, f"{critic} {bound_text(bound.min, bound.max)}"))
    return Suite(name=f"style guide of {brief.brief}", expectations=tuple(expectations))


def _require_measurable(brief: Brief, critic: str, known: Collection[str]) -> None:
    where = f"brief {brief.brief}: style_guide.expect.{critic}"
    if critic not in known:
        close = get_close_matches(critic, known, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise InputError(
            f"{where}: no critic is called {critic!r}; known: {', '.join(sorted(known))}",
            remedy=f"{hint}correct the name, or install the package that has this critic",
        )
    palette = brief.style_guide.palette
    if critic == PALETTE_CRITIC and not (palette and palette.background):
        raise InputError(
            f"{where}: there is no palette to measure against", remedy="add style_guide.palette with a background"
        )
