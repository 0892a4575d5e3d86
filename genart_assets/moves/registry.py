"""Finds retry moves by name among the entry points of this and any other installed package."""

from __future__ import annotations

from functools import cache

from genart_assets.moves.protocol import Move
from genart_assets.plugins import find_registered

GROUP = "genart_assets.moves"


@cache
def find_move(name: str) -> Move:
    """The move registered as ``name``, found once for the life of the process; raises as `find_registered`."""
    return find_registered(GROUP, "retry move", name)
