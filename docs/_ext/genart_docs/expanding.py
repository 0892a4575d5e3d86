"""Replaces each marker ``<!-- generated: NAME -->`` of a page by the part of that name, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from genart_docs.asset_pages import assets, checks, jobs, watchers
from genart_docs.command_pages import commands
from genart_docs.registered_pages import critics, families, formats, moves
from genart_docs.schema_pages import brief_keys, studio_keys, style_keys
from genart_docs.table_pages import tables

MARKER = re.compile(r"^<!-- generated: ([a-z-]+) -->$", re.MULTILINE)

PARTS: dict[str, Callable[[], str]] = {
    "assets": assets,
    "brief-keys": brief_keys,
    "checks": checks,
    "commands": commands,
    "critics": critics,
    "families": families,
    "formats": formats,
    "jobs": jobs,
    "moves": moves,
    "studio-keys": studio_keys,
    "style-keys": style_keys,
    "tables": tables,
    "watchers": watchers,
}


def expanded(text: str) -> str:
    """The page with its parts filled in.

    Raises:
        KeyError: a marker names no part.
    """
    return MARKER.sub(lambda marker: part(marker[1]), text)


@cache
def part(name: str) -> str:
    return PARTS[name]().strip()
