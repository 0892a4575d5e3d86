"""The keys of briefs, of studio.yaml and of styles: from the JSON schemas of the records that they are read into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from genart_assets.learning.styles import Style
from genart_assets.records.base import Record
from genart_assets.records.brief import Brief
from genart_assets.records.studio import StudioLatitudes
from genart_assets.stages.briefs.fields import allowed
from genart_docs.markdown import as_yaml, code, table

Path = tuple[str | int, ...]
Schema = dict[str, Any]
MAPPING = "a mapping with the keys "
"""How `allowed` begins to say what a section holds; its keys follow in a table of their own."""
HEAD = ("key", "takes", "default", "meaning")


def brief_keys() -> str:
    return _keys_of(Brief)


def studio_keys() -> str:
    return _keys_of(StudioLatitudes)


def style_keys() -> str:
    return _keys_of(Style)


def keys(record: type[Record]) -> Iterator[str]:
    """Every key that a file of this kind may have, dotted: ``sampler.steps``, ``loras.name``."""
    root = record.model_json_schema()
    for path, fields in _sections(root, root, ()):
        yield from (_dotted((*path, name)) for name in fields["properties"])


def _keys_of(record: type[Record]) -> str:
    root = record.model_json_schema()
    parts: list[str] = []
    for path, section in _sections(root, root, ()):
        if path:
            each = " (each item of the list)" if path[-1] == 0 else ""
            parts.append(f"## `{_dotted(path)}`{each}\n")
            parts.append(_purpose(section))
        rows = [_row(record, root, path, section, name) for name in section["properties"]]
        parts.append(table(HEAD, rows))
    return "\n".join(parts)


def _sections(root: Schema, schema: Schema, path: Path) -> Iterator[tuple[Path, Schema]]:
    """The mapping itself, and every mapping inside it, each with the place where it stands."""
    yield path, schema
    for name, field in schema["properties"].items():
        found = _resolved(root, field)
        inner: Path = (*path, name)
        if found.get("type") == "array" and "items" in found:
            found, inner = _resolved(root, found["items"]), (*inner, 0)
        if found.get("properties"):
            yield from _sections(root, found, inner)


def _row(record: type[Record], root: Schema, path: Path, section: Schema, name: str) -> tuple[str, ...]:
    field = section["properties"][name]
    found = _resolved(root, field)
    takes = allowed((*path, name), record)
    meaning = field.get("description") or _purpose(found)
    default = "**required**" if name in section.get("required", ()) else _default(field)
    if MAPPING in takes:
        takes = takes.partition(MAPPING)[0] + "a mapping, see below"
        default = default if default == "**required**" or not field.get("default") else "as below"
    elif takes == meaning:
        takes = "text"
    return code(_dotted((*path, name))), takes, default, meaning


def _default(field: Schema) -> str:
    return as_yaml(field.get("default"))


def _purpose(schema: Schema) -> str:
    text = str(schema.get("description", "")).replace("``", "`")
    return "" if "Architecture page" in text else text + "\n" * bool(text)


def _resolved(root: Schema, schema: Schema) -> Schema:
    """The schema that a reference or an optional value stands for."""
    if "$ref" in schema:
        return root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    branches = [branch for branch in schema.get("anyOf", []) if branch.get("type") != "null"]
    return _resolved(root, branches[0]) if len(branches) == 1 else schema


def _dotted(path: Path) -> str:
    return ".".join(str(part) for part in path if part != 0)
