"""What is wrong with a class that is registered as a critic: something left out, or a name that nobody asks for."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from genart_assets.critics.protocol import BaseCritic, Direction
from genart_assets.records.fault import Fault

WORDS = ("name", "unit", "direction", "version")
"""What every critic says of itself."""
HOOKS = ("for_batch", "missing_requirement", "score")
ASKED_FOR = frozenset({*WORDS, "faults", *HOOKS})
_FORMER = {"lacks": "missing_requirement"}
"""Names that hooks had in earlier releases."""


def class_problem(name: str, found: Any) -> str:
    """Everything that is wrong with the critic class registered as ``name``; empty if nothing is."""
    return "; ".join(_problems(found))


def _problems(found: Any) -> Iterator[str]:
    if not inspect.isclass(found):
        yield "it is not a class; register a class that derives from genart_assets.extend.BaseCritic"
        return
    for word in WORDS:
        value = getattr(found, word, None)
        if not isinstance(value, str) or not value:
            yield f"{word} is {value!r}; give it a text"
    if getattr(found, "direction", None) not in get_args(Direction):
        yield f"direction is {getattr(found, 'direction', None)!r}; allowed: {', '.join(get_args(Direction))}"
    for hook in ("faults", *HOOKS):
        if not hasattr(found, hook):
            yield f"it has no {hook}; derive it from genart_assets.extend.BaseCritic"
    faults = getattr(found, "faults", ())
    if not isinstance(faults, frozenset | set) or not all(isinstance(fault, Fault) for fault in faults):
        yield f"faults is {faults!r}; give a frozenset of genart_assets.extend.Fault"
    if left := sorted(getattr(found, "__abstractmethods__", ())):
        yield f"it does not define {', '.join(left)}"
    for strange in sorted(set(_public(found)) - ASKED_FOR):
        yield f"nobody asks a critic for {strange!r}{_hint(strange)}"


def _public(found: type) -> Iterator[str]:
    bases = [base for base in inspect.getmro(found) if base is not object and base is not BaseCritic]
    for base in bases:
        yield from (name for name in {*vars(base), *inspect.get_annotations(base)} if not name.startswith("_"))


def _hint(strange: str) -> str:
    close = [_FORMER[strange]] if strange in _FORMER else get_close_matches(strange, ASKED_FOR, n=1)
    meant = f"; did you mean {close[0]!r}?" if close else ";"
    return f"{meant} a name of its own begins with an underscore"
