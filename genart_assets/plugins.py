"""What this and any other installed package register by name: the entry points of a group."""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any

from genart_assets.errors import GenartError, InputError


def registered(group: str, kind: str) -> dict[str, EntryPoint]:
    """Name to entry point; nothing is imported. GenartError if two packages register one name differently."""
    found: dict[str, EntryPoint] = {}
    for entry in _declared(group, tuple(sys.path)):
        if entry.name in found and found[entry.name].value != entry.value:
            raise GenartError(
                f"two packages register a {kind} {entry.name!r}: {found[entry.name].value} and {entry.value}",
                remedy="uninstall one of them",
            )
        found[entry.name] = entry
    return found


@cache
def _declared(group: str, path: tuple[str, ...]) -> EntryPoints:
    """What the packages on the path register; to look through two hundred of them takes 20 ms."""
    return entry_points(group=group)


def find_registered(group: str, kind: str, name: str) -> Any:
    """What is registered as ``name`` and calls itself so.

    Raises:
        InputError: nothing is. GenartError: it cannot be loaded, calls itself otherwise, or two packages claim a name.
    """
    known = registered(group, kind)
    if name not in known:
        raise InputError(
            f"no {kind} is called {name!r}; known: {', '.join(sorted(known))}",
            remedy=f"correct the name, or install the package that registers it under [{group}]",
        )
    entry = known[name]
    try:
        found = entry.load()
    except (ImportError, AttributeError) as error:
        raise GenartError(
            f"{kind} {name!r} ({entry.value}) cannot be loaded: {error}",
            remedy="repair or uninstall the package that registers it",
        ) from error
    if found.name != name:
        raise GenartError(f"{kind} {entry.value} is registered as {name!r} and calls itself {found.name!r}")
    return found
