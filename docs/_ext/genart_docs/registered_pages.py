"""Critics, retry moves, deliverable formats and model families: from what installed packages register."""

from __future__ import annotations

import inspect
import sys
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from PIL import Image

from genart_assets.critics.registry import critic_names, find_critic
from genart_assets.deliverables.registry import find_format, known_formats
from genart_assets.moves.protocol import EVERY
from genart_assets.moves.registry import find_move
from genart_assets.records.brief import MOVES
from genart_docs.markdown import code, docstring, one_line, table

GROUP = "genart_assets."


def registered(group: str) -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP + group)}


def critics() -> str:
    overview = table(
        ("critic", "unit", "better", "what it measures"),
        [(f"[`{name}`](#{name.replace('_', '-')})", *_measure(name)) for name in critic_names()],
    )
    return "\n".join([overview, *(_critic(name) for name in critic_names())])


def _measure(name: str) -> tuple[str, str, str]:
    found = find_critic(name)
    return found.unit, found.direction, one_line(sys.modules[_class(found).__module__].__doc__ or "")


def _class(found: Any) -> type:
    return found if inspect.isclass(found) else type(found)


def _critic(name: str) -> str:
    found = _class(find_critic(name))
    own = docstring(found)
    inherited = [docstring(base) for base in found.__mro__[1:] if base.__module__ == found.__module__]
    anchor = f"({name.replace('_', '-')})=\n"
    facts = f"Unit: {found.unit}. Better: {found.direction}. Registered as `{registered('critics')[name].value}`."
    return f"{anchor}## `{name}`\n\n" + "\n\n".join([own, *inherited, facts]) + "\n"


def moves() -> str:
    names = [*MOVES, *sorted(set(registered("moves")) - {*MOVES})]
    rows: list[tuple[str, ...]] = []
    for name in names:
        found: Any = find_move(name)
        answers = "every expectation" if EVERY in found.repairs else ", ".join(map(code, sorted(found.repairs)))
        rows.append((code(name), one_line(docstring(_class(found))), answers))
    return table(("move", "what it changes", "expectations that it answers"), rows)


def formats() -> str:
    return table(
        ("format", "file", "pixels", "what it is"),
        [(code(name), *_format(name)) for name in known_formats()],
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
