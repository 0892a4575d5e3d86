"""The columns of every stored table: from their schemas, with the comments that stand beside them in the source."""

from __future__ import annotations

import inspect
import re

import pyarrow as pa

from genart_assets.records import schemas
from genart_docs.markdown import code, table

_COLUMN = re.compile(r"^    (\w+)=pa\.[^#\n]*#\s*(.+)$", re.MULTILINE)
_SCHEMA = re.compile(r"^([A-Z_]+) = _schema\((.*?)^\)", re.MULTILINE | re.DOTALL)


def tables() -> str:
    """One section a table: under which asset it is stored, and what its columns are."""
    comments = _comments()
    return "\n".join(_section(name, schema, comments) for name, schema in schemas.BY_ASSET.items())


def _section(name: str, schema: pa.Schema, comments: dict[str, dict[str, str]]) -> str:
    own = next(key for key, value in vars(schemas).items() if value is schema)
    known = {**comments.get("PLAN", {}), **comments.get(own, {})}
    rows = [(code(field.name), code(field.type), known.get(field.name, "")) for field in schema]
    return f"### `{name}`\n\n" + table(("column", "type", "note"), rows)


def _comments() -> dict[str, dict[str, str]]:
    source = inspect.getsource(schemas)
    return {name: dict(_COLUMN.findall(body)) for name, body in _SCHEMA.findall(source)}
