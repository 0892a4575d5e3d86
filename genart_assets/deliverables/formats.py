"""The deliverable formats that are installed, by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from genart_assets.deliverables.protocol import Deliverable, is_scalable
from genart_assets.errors import GenartError, InputError

GROUP = "genart_assets.deliverables"
NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True)
class DeliverableFormat:
    name: str
    encode: Deliverable
    scalable: bool
    """True if the format has no pixels, so that one file serves every size."""


def known_formats() -> tuple[str, ...]:
    """Names of all installed formats, sorted; no format's code is loaded."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


@lru_cache
def find_format(name: str) -> DeliverableFormat:
    """The format registered as ``name``. InputError if there is none, GenartError if it does not load."""
    found = tuple(entry_points(group=GROUP, name=name))
    if not found:
        raise InputError(
            f"{name!r} is no deliverable format", remedy=f"Known formats are {', '.join(known_formats())}."
        )
    if len({entry.value for entry in found}) > 1 or not NAME_PATTERN.fullmatch(name):
        claimed = ", ".join(entry.value for entry in found)
        raise GenartError(
            f"the deliverable format {name!r} is badly registered, by {claimed}",
            remedy=f"One installed package may register it, under a name like {NAME_PATTERN.pattern}.",
        )
    encode = _loaded(found[0])
    return DeliverableFormat(name, encode, is_scalable(encode))


def _loaded(entry: EntryPoint) -> Deliverable:
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise GenartError(
            f"the deliverable format {entry.name!r} ({entry.value}) does not load: {error}",
            remedy="Repair or remove the package that registers it.",
        ) from error
