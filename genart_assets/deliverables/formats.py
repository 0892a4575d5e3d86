"""The deliverable formats that are installed, by name and by the files that they make."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from genart_assets.deliverables.protocol import Declared, Deliverable, declared_by
from genart_assets.plugins import ExtensionPoint

NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
SHIPPED = ("png", "webp", "avif", "jpeg", "svg")
"""The formats of this package, which files are held against first."""


@dataclass(frozen=True)
class DeliverableFormat:
    """A format that is installed: its name, how it encodes, and what it says of its files."""

    name: str
    encode: Deliverable
    declared: Declared

    @property
    def scalable(self) -> bool:
        """Whether the format has no pixels, so that one file serves every size."""
        return self.declared.scalable


def format_problem(name: str, found: Any) -> str:
    """What is wrong with the function registered as format ``name``; empty if nothing is."""
    if not NAME_PATTERN.fullmatch(name):
        return f"it is badly registered: a name is like {NAME_PATTERN.pattern}"
    if not callable(found):
        return "it is not a function"
    if declared_by(found) is None:
        return (
            "it does not declare media type, metadata reader and whether its files can be signed; "
            "decorate it with genart_assets.extend.declares"
        )
    return ""


FORMATS = ExtensionPoint[Deliverable]("genart_assets.deliverables", "deliverable format", format_problem, named=False)


def find_format(name: str) -> DeliverableFormat:
    """The format registered as ``name``. InputError if there is none, GenartError if it cannot be loaded or used."""
    encode = FORMATS.find(name)
    declared = declared_by(encode)
    assert declared is not None  # or `format_problem` had refused it
    return DeliverableFormat(name, encode, declared)


def format_of(data: bytes) -> DeliverableFormat | None:
    """The format that makes files like this one, by its first 64 bytes or more; None if no installed format does."""
    others = (name for name in FORMATS.names() if name not in SHIPPED)
    found = (find_format(name) for name in (*SHIPPED, *others))
    return next((form for form in found if form.declared.recognises(data)), None)
