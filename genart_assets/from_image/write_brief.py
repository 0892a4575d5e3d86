"""Writes a brief as the YAML that a studio would write."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

import yaml

from genart_assets.records.brief import Brief

WIDTH = 118
_OTHER_BREAKS = frozenset("\x85\u2028\u2029")
"""Line breaks in YAML 1.1 only; the writer preserves them in double quotes but loses them otherwise."""


class _Dumper(yaml.SafeDumper):
    pass


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if _OTHER_BREAKS.isdisjoint(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text_node)


def brief_text(brief: Brief, notes: Iterable[str] = ()) -> str:
    """The notes as comments, then the keys that were set, in the record's order; it reads back as this brief."""
    comments = [line for note in notes for line in _commented(note)]
    keys = brief.model_dump(mode="json", exclude_unset=True)
    layout: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "default_flow_style": None, "width": WIDTH}
    body = yaml.dump(keys, Dumper=_Dumper, **layout)
    return "".join(f"{line}\n" for line in comments) + body


def _commented(note: str) -> list[str]:
    printable = "".join(character if character.isprintable() else " " for character in note)
    return textwrap.wrap(printable, WIDTH, initial_indent="# - ", subsequent_indent="#   ")
