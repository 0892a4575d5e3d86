"""Finds retry moves by name among the entry points of this and any other installed package."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from genart_assets.errors import GenartError, InputError
from genart_assets.moves.protocol import Move

GROUP = "genart_assets.moves"


def find_move(name: str) -> Move:
    """The move registered as ``name``.

    Raises:
        InputError: none is. GenartError: two packages register it, it cannot be loaded, or calls itself otherwise.
    """
    registered: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        if entry.name in registered and registered[entry.name].value != entry.value:
            raise GenartError(
                f"two packages register a retry move {entry.name!r}: {registered[entry.name].value} and {entry.value}",
                remedy="uninstall one of them",
            )
        registered[entry.name] = entry
    if name not in registered:
        raise InputError(
            f"no retry move is called {name!r}; known: {', '.join(sorted(registered))}",
            remedy=f"correct the name, or install the package that registers it under [{GROUP}]",
        )
    try:
        found: Move = registered[name].load()
    except (ImportError, AttributeError) as error:
        raise GenartError(
            f"retry move {name!r} ({registered[name].value}) cannot be loaded: {error}",
            remedy="repair or uninstall the package that registers it",
        ) from error
    if found.name != name:
        raise GenartError(f"retry move {registered[name].value} is registered as {name!r}, calls itself {found.name!r}")
    return found
