"""The YAML of a brief, or of another file that the studio writes, as plain data that remembers its lines."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from genart_assets.errors import InputError
from genart_assets.stages.briefs.fields import wants_truth
from genart_assets.stages.briefs.problems import FieldPath, Problem, shortened
from genart_assets.stages.briefs.written import BRIEF, Written

MAX_BYTES = 2**20
MAX_DEPTH = 16
_YAML: Any = yaml  # its stubs leave half of the types open
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]+)?")
TRUTH = ("true", "false")
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

Value = str | int | float | None | tuple["Value", ...] | dict[str, "Value"]


@dataclass
class BriefTree:
    """The data of a brief, with the line of every value and the problems met on the way.

    Sequences are tuples. A value with a problem stands as its text.
    """

    source: str
    written: Written = BRIEF
    data: dict[str, Value] = field(default_factory=dict[str, Value])
    lines: dict[FieldPath, int] = field(default_factory=dict[FieldPath, int])
    plain: set[FieldPath] = field(default_factory=set[FieldPath])
    """The scalars without quotes."""
    problems: list[Problem] = field(default_factory=list[Problem])


def read_tree(text: str, source: str, written: Written = BRIEF) -> BriefTree:
    """Read one YAML mapping. Values keep YAML 1.1's types, but only where its author cannot be surprised by them.

    Raises:
        InputError: text that is no YAML mapping: too long, too deep, with aliases, or malformed.
    """
    _check_size(text, source, written)
    try:
        _check_events(text, source, written)
        root = cast("yaml.Node | None", _YAML.compose(text, _LOADER))
    except yaml.YAMLError as error:
        raise _syntax_refusal(error, text, source, written) from error
    if root is None:
        raise InputError(f"{source}:1: the {written.name} is empty", remedy=written.wanted)
    if not isinstance(root, yaml.MappingNode):
        kind = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
        raise InputError(
            f"{source}:{_line_of(root)}: the {written.name} is {kind}, a mapping is wanted", remedy=written.example
        )
    tree = BriefTree(source, written)
    tree.data = _mapping(root, (), tree)
    return tree


def _check_size(text: str, source: str, written: Written) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InputError(
            f"{source}: the {written.name} is not valid Unicode", remedy="save the file as UTF-8"
        ) from error
    if size > MAX_BYTES:
        raise InputError(
            f"{source}: the {written.name} has {size:,} bytes, at most {MAX_BYTES:,} are allowed",
            remedy=written.shorter,
        )


def _check_events(text: str, source: str, written: Written) -> None:
    """Refuse what makes a small text a huge or endless value."""
    depth = 0
    for event in cast("Iterator[yaml.Event]", _YAML.parse(text, _LOADER)):
        line = _line_of(event)
        if isinstance(event, yaml.AliasEvent):
            raise InputError(f"{source}:{line}: the alias *{event.anchor} is not allowed", remedy="write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InputError(
                f"{source}:{line}: values are nested more than {MAX_DEPTH} deep",
                remedy=f"close the brackets; no key of a {written.name} is nested that deep",
            )


def _syntax_refusal(error: yaml.YAMLError, text: str, source: str, written: Written) -> InputError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1 + text[: getattr(error, "position", 0)].count("\n")
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    remedy = "look at this line and the one before it: indent with spaces, close brackets and quotes"
    if "mapping values" in what:
        remedy = "put a text that contains ': ' in quotes"
    elif "expected <block end>" in what or "expected key" in what:
        remedy = "put a text that starts with { or [ in quotes, and indent the keys of one mapping alike"
    elif "expected ',' or" in what or "expected node content" in what:
        remedy = "close the brackets, and put a text that contains # in quotes: # starts a comment"
    elif "single document" in what or "<document start>" in what:
        remedy = f"write one {written.name} in each file, without --- between parts"
    return InputError(f"{source}:{line}: malformed YAML: {what}", remedy=remedy)


def _line_of(place: yaml.Node | yaml.Event) -> int:
    mark: Any = place.start_mark
    return mark.line + 1


def _mapping(node: yaml.MappingNode, path: FieldPath, tree: BriefTree) -> dict[str, Value]:
    data: dict[str, Value] = {}
    tree.lines.setdefault(path, _line_of(node))
    for key_node, value_node in node.value:
        key, line = key_node.value, _line_of(key_node)
        if not isinstance(key, str) or key_node.tag != f"{_TAG}str":
            shown = repr(shortened(key)) if isinstance(key, str) else "a list or a mapping"
            tree.problems.append(Problem(path, f"the key {shown} is not text; put a key that is text in quotes", line))
        elif UNPRINTABLE.search(key):
            tree.problems.append(Problem(path, f"the key {key!a} has a control character; remove it", line))
        elif key in data:
            first = tree.lines[(*path, key)]
            tree.problems.append(Problem((*path, key), f"the key stands on line {first} too; remove one of them", line))
        else:
            tree.lines[(*path, key)] = line
            data[key] = _value(value_node, (*path, key), tree)
    return data


def _value(node: yaml.Node, path: FieldPath, tree: BriefTree) -> Value:
    tree.lines.setdefault(path, _line_of(node))
    if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
        return _mapping(node, path, tree)
    if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
        return tuple(_value(item, (*path, position), tree) for position, item in enumerate(node.value))
    if isinstance(node, yaml.ScalarNode):
        if not node.style:
            tree.plain.add(path)
        return _scalar(node, path, tree)
    tree.problems.append(Problem(path, f"the tag {node.tag.removeprefix(_TAG)} is not allowed; remove it"))
    return None


def _scalar(node: yaml.ScalarNode, path: FieldPath, tree: BriefTree) -> Value:
    text: str = node.value
    match node.tag.removeprefix(_TAG):
        case "str" if not UNPRINTABLE.search(text):
            return text
        case "null":
            return None
        case "int" if _INTEGER.fullmatch(text):
            return int(text)
        case "float" if _DECIMAL.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        case "bool" if wants_truth(path, tree.written.record):
            if text in TRUTH:
                return text == "true"
            tree.problems.append(Problem(path, f"given {shortened(text)!r}; allowed: {' or '.join(TRUTH)}"))
            return text
        case kind:
            tree.problems.append(Problem(path, _misreading(kind, text)))
            return UNPRINTABLE.sub("?", text)


def _misreading(kind: str, text: str) -> str:
    shown = repr(shortened(text))
    if kind == "str":
        return f"given {text[:60]!a}, which has a control character; remove it"
    if kind == "bool":
        return f"YAML reads {shown} as true or false, which this field does not take; put it in quotes if it is text"
    if kind == "timestamp":
        return f"YAML reads {shown} as a date; put it in quotes"
    if kind in ("value", "merge"):
        return f"YAML gives {shown} a meaning of its own; put it in quotes"
    if kind in ("int", "float"):
        allowed = "a finite decimal number of at most 18 digits, without _ : 0x 0b or leading zeros"
        return f"given {shown}; allowed: {allowed}; put it in quotes if it is text"
    return f"the tag {kind} is not allowed; remove it"
