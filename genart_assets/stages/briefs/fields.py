"""What each field of a brief, or of another file that the studio writes, allows: told from its record's JSON schema."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from genart_assets.records.base import Record
from genart_assets.records.brief import Brief
from genart_assets.stages.briefs.problems import FieldPath, suggestion

Schema = dict[str, Any]
_WRITTEN: dict[FieldPath, str] = {
    ("review",): "none, all, or {sample: a share from 0 to 1}",
    (
        "style_guide",
        "palette",
        "background",
    ): 'a colour such as "#1e9696", in quotes, or one for each value of vary.background',
}


def allowed(path: FieldPath, record: type[Record] = Brief) -> str:
    """A sentence part that says what may stand at a field: ``a whole number from 1 to 1000``."""
    found = _schema_at(path, record)
    written = _WRITTEN.get(path) if record is Brief else None
    return written or (_described(found, record) if found else "a known key")


def wants_text(path: FieldPath, record: type[Record] = Brief) -> bool:
    return (_schema_at(path, record) or {}).get("type") == "string"


def wants_truth(path: FieldPath, record: type[Record] = Brief) -> bool:
    return (_schema_at(path, record) or {}).get("type") == "boolean"


def unknown_key(path: FieldPath, record: type[Record] = Brief) -> str:
    """What is wrong with a key that no field has, with the key that was probably meant."""
    *parent, name = path
    keys = list((_schema_at(tuple(parent), record) or {}).get("properties", {}))
    close, sections = suggestion(str(name), keys), _sections_by_key(record)
    if not close and str(name) in sections:
        close = f"; did you mean '{sections[str(name)]}.{name}'?"
    return f"unknown key{close or '; allowed: ' + ', '.join(keys)}"


@cache
def _root(record: type[Record]) -> Schema:
    return record.model_json_schema()


@cache
def _sections_by_key(record: type[Record]) -> dict[str, str]:
    """The keys of the record's sections, each to the first section that has it."""
    places: dict[str, str] = {}
    for section, schema in _root(record)["properties"].items():
        for key in _resolved(schema, record).get("properties", {}):
            places.setdefault(key, section)
    return places


def _resolved(schema: Schema, record: type[Record]) -> Schema:
    """Follow a reference, and take the branch that is not null."""
    if "$ref" in schema:
        target: Schema = _root(record)["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    branches = [branch for branch in schema.get("anyOf", []) if branch.get("type") != "null"]
    return _resolved(branches[0], record) if len(branches) == 1 else schema


def _schema_at(path: FieldPath, record: type[Record]) -> Schema | None:
    schema = _root(record)
    for part in path:
        children: list[Any] = [schema.get("properties", {}).get(part), schema.get("additionalProperties")]
        if isinstance(part, int):
            children = [*schema.get("prefixItems", [])[part : part + 1], schema.get("items")]
        found = [cast(Schema, child) for child in children if isinstance(child, dict)]
        if not found:
            return None
        schema = _resolved(found[0], record)
    return schema


def _described(schema: Schema, record: type[Record]) -> str:
    schema = _resolved(schema, record)
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    match schema.get("type"):
        case "integer":
            return "a whole number" + _range(schema)
        case "number":
            return "a number" + _range(schema)
        case "boolean":
            return "true or false"
        case "string":
            detail = schema.get("description") if "pattern" in schema else None
            return detail or ("text, not empty" if schema.get("minLength") else "text")
        case "array" if "prefixItems" in schema:
            return f"a list of {len(schema['prefixItems'])}, each {_described(schema['prefixItems'][0], record)}"
        case "array":
            filled = " that is not empty" if schema.get("minItems") else ""
            return f"a list{filled}, each {_described(schema['items'], record)}"
        case "object" if schema.get("properties"):
            return "a mapping with the keys " + ", ".join(schema["properties"])
        case _:
            return f"a mapping from a name to {_described(schema['additionalProperties'], record)}"


def _range(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    text = ""
    if low is not None and high is not None:
        text = f" from {_bound(low)} to {_bound(high)}"
    elif low is not None:
        text = f" of {_bound(low)} or more"
    if above is not None:
        text += f" above {_bound(above)}" + ("" if high is None else f", at most {_bound(high)}")
    if below is not None:
        text += f"{',' if text else ''} below {_bound(below)}"
    return text + (f", a multiple of {schema['multipleOf']}" if "multipleOf" in schema else "")


def _bound(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"
