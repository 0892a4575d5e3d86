"""Critics, retry moves, deliverable formats and model families: from what installed packages register."""

from __future__ import annotations

import inspect
import sys
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from PIL import Image

from genart_assets.critics.known import CRITICS
from genart_assets.deliverables.formats import FORMATS, find_format
from genart_assets.moves.protocol import EVERY, RETRY_MOVES
from genart_assets.records.brief import MOVES
from genart_docs.markdown import code, docstring, one_line, table

GROUP = "genart_assets."


def registered(group: str) -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP + group)}


def critics() -> str:
    overview = table(
        ("critic", "unit", "better", "what it measures"),
        [(f"[`{name}`](#{name.replace('_', '-')})", *_measure(name)) for name in CRITICS.names()],
    )
    return "\n".join([overview, *(_critic(name) for name in CRITICS.names())])


def _measure(name: str) -> tuple[str, str, str]:
    found = CRITICS.find(name)
    return found.unit, found.direction, one_line(sys.modules[_class(found).__module__].__doc__ or "")


def _class(found: Any) -> type:
    return found if inspect.isclass(found) else type(found)


def _critic(name: str) -> str:
    found = _class(CRITICS.find(name))
    own = docstring(found)
    inherited = [docstring(base) for base in found.__mro__[1:] if base.__module__ == found.__module__]
    anchor = f"({name.replace('_', '-')})=\n"
    facts = f"Unit: {found.unit}. Better: {found.direction}. Registered as `{registered('critics')[name].value}`."
    return f"{anchor}## `{name}`\n\n" + "\n\n".join([own, *inherited, facts]) + "\n"


def moves() -> str:
    names = [*MOVES, *sorted(set(registered("moves")) - {*MOVES})]
    rows: list[tuple[str, ...]] = []
    for name in names:
        found: Any = RETRY_MOVES.find(name)
        answers = "everything" if found.answers == EVERY else ", ".join(sorted(found.answers))
        rows.append((code(name), one_line(docstring(_class(found))), answers))
    return table(("move", "what it changes", "faults that it answers"), rows)


def formats() -> str:
    return table(
        ("format", "file", "pixels", "what it is"),
        [(code(name), *_format(name)) for name in FORMATS.names()],
    )


def _format(name: str) -> tuple[str, str, str]:
    form = find_format(name)
    suffix = form.encode(_sample(), "<x/>", {}).suffix
    about = f"{docstring(sys.modules[form.encode.__module__])} {one_line(docstring(form.encode))}"
    return f"`.{suffix}`", "none: one file serves every size" if form.scalable else "a file a size", about


def _sample() -> Image.Image:
    picture = Image.new("RGB", (16, 16), "#1e9495")
    picture.paste("#ffffff", (4, 4, 12, 12))
    return picture


def families() -> str:
    rows = [
        (code(name), one_line(docstring(sys.modules[entry.load().__module__])), code(entry.value))
        for name, entry in sorted(registered("model_families").items())
    ]
    return table(("pipeline class", "models", "registered as"), rows)
