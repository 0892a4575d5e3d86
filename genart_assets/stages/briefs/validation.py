"""What pydantic found wrong with a brief, in the studio's words."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from genart_assets.stages.briefs.fields import allowed, unknown_key, wants_text
from genart_assets.stages.briefs.problems import FieldPath, Problem, shortened
from genart_assets.stages.briefs.yaml_text import BriefTree, Value

_NUMBER_IN_TEXT = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?")


MAX_FOUND = 100
"""Problems that one check looks for; a brief may hold a hundred thousand."""


def problems_of(error: ValidationError, tree: BriefTree) -> list[Problem]:
    """The problems that were met when the tree was read, and those that pydantic found beside them."""
    details = error.errors(include_url=False)[:MAX_FOUND]
    told = {problem.path for problem in tree.problems}
    parents = {found["loc"][:-1] for found in details}
    # A list whose only item is wrong is not too short as well, although pydantic counts it without that item.
    own = [found for found in details if found["type"] != "too_short" or found["loc"] not in parents]
    problems = dict.fromkeys(problem_of(found, tree) for found in own)
    return [*tree.problems, *(problem for problem in problems if problem.path not in told)]


def problem_of(details: ErrorDetails, tree: BriefTree) -> Problem:
    """One validation error, at the place in the brief where it can be put right."""
    kind, path, given = details["type"], _path_in(details["loc"], tree), details["input"]
    record = tree.written.record
    if kind == "extra_forbidden":
        return Problem(path, unknown_key(path, record))
    if kind == "missing" and isinstance(path[-1], str):
        return Problem(path, f"is missing; allowed: {allowed(path, record)}")
    if kind in ("missing", "too_long"):
        path = path[:-1] if kind == "missing" else path
        return Problem(path, f"given {_shown(_at(path, tree))}; allowed: {allowed(path, record)}")
    if kind == "value_error":
        return Problem(path, f"{details['ctx']['error']}" if "ctx" in details else details["msg"])
    return Problem(path, f"given {_shown(given)}; allowed: {allowed(path, record)}{_hint(path, given, tree)}")


def _path_in(location: tuple[str | int, ...], tree: BriefTree) -> FieldPath:
    """The location without the parts that are no keys of the brief (pydantic names the branches of a union)."""
    path: FieldPath = ()
    if not location:
        return path
    for part in location[:-1]:
        path = (*path, part) if (*path, part) in tree.lines else path
    last = (*path, location[-1])
    is_branch = location[-1] in ("colour", "colours") and last not in tree.lines
    return path if is_branch else last


def _at(path: FieldPath, tree: BriefTree) -> Value:
    value: Any = tree.data
    for part in path:
        value = value[part]
    return value


def _shown(given: Value) -> str:
    match given:
        case None:
            return "nothing"
        case str():
            return repr(shortened(given))
        case dict():
            return f"a mapping with the keys {shortened(', '.join(given))}" if given else "an empty mapping"
        case tuple():
            return f"a list of {len(given)}" if given else "an empty list"
        case number:
            return str(number)


def _hint(path: FieldPath, given: Value, tree: BriefTree) -> str:
    if wants_text(path, tree.written.record):
        if given is None:
            return "; a text that starts with # needs quotes, or it is a comment"
        if isinstance(given, dict):
            return "; a text that starts with { needs quotes"
        if isinstance(given, (int, float)):
            return "; put it in quotes"
    elif isinstance(given, str) and _NUMBER_IN_TEXT.fullmatch(given):
        if path not in tree.plain:
            return "; remove the quotes"
        return f"; YAML reads {shortened(given)} as text, write the digits out"
    return ""
