"""Finds what breaks the rules for English in a module: messages, remedies, descriptions, help, the first line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

RULED_OUT = re.compile(r"(?<!there )\b(?:is|are) no (?!longer\b)|\b(?:told|tells?|kept|keeps?)\b")
"""Turns of phrase that CONTRIBUTING.md rules out; "there is no" and "is no longer" are plain English."""
_CAPITAL = re.compile(r"[A-Z](?![A-Z0-9_]+\b)")
"""A capital at the beginning of a sentence; a name such as GENART_HOME or PNG may begin a remedy."""
_TWO_SENTENCES = re.compile(r"[a-z)`]\. [A-Z]")
_GAP = "\0"
"""Stands for a value that is known at run time only."""


def error_classes(package: Path) -> frozenset[str]:
    """The names of GenartError and of all classes of the package that derive from it."""
    found = {"GenartError"}
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    while new := {name for name, parents in bases.items() if parents & found} - found:
        found |= new
    return frozenset(found)


def problems_of(source: str, errors: frozenset[str]) -> list[str]:
    """One line for each place of a module that breaks a rule."""
    tree = ast.parse(source)
    return [*_first_line(tree), *_calls(tree, errors), *_named_remedies(tree)]


def _first_line(tree: ast.Module) -> Iterator[str]:
    if not tree.body:  # an empty __init__.py has nothing to say
        return
    first = (ast.get_docstring(tree) or "").partition("\n")[0]
    if not first.endswith("."):
        yield f"1: the module's first line is not one sentence: {first!r}"


def _calls(tree: ast.Module, errors: frozenset[str]) -> Iterator[str]:
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        given = {word.arg: word.value for word in call.keywords}
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        messages = call.args[:1] if name in errors else call.args[1:2] if name == "Problem" else []
        described = [given[word] for word in ("description", "help", "epilog", "finding") if word in given]
        for node in [*messages, *described]:
            yield from _phrases(node)
        if "remedy" in given:
            yield from _remedy(given["remedy"])


def _named_remedies(tree: ast.Module) -> Iterator[str]:
    """Remedies that have a name before they are used."""
    used = {
        word.value.id
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for word in call.keywords
        if word.arg == "remedy" and isinstance(word.value, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in used for t in node.targets):
            yield from _remedy(node.value)


def _phrases(node: ast.expr) -> Iterator[str]:
    for text in _texts(node):
        if found := RULED_OUT.search(text):
            yield f"{node.lineno}: {found[0]!r} in {text!r}"


def _remedy(node: ast.expr) -> Iterator[str]:
    yield from _phrases(node)
    for text in _texts(node):
        if _CAPITAL.match(text):
            yield f"{node.lineno}: a remedy begins with a capital: {text!r}"
        if text.rstrip().endswith(".") or _TWO_SENTENCES.search(text):
            yield f"{node.lineno}: a remedy is not one clause without a full stop: {text!r}"


def _texts(node: ast.expr) -> Iterable[str]:
    """What an expression may give, with `_GAP` for what is known at run time only."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return _joined([_texts(part) for part in parts])
        case ast.FormattedValue(value=value):
            return _texts(value)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([_texts(left), _texts(right)])
        case ast.IfExp(body=body, orelse=orelse):
            return [*_texts(body), *_texts(orelse)]
        case ast.BoolOp(values=values):
            return [text for value in values for text in _texts(value)]
        case ast.Subscript(value=value):  # a text cut to its first characters
            return _texts(value)
        case _:
            return [_GAP]


def _joined(parts: Iterable[Iterable[str]]) -> list[str]:
    made = [""]
    for part in parts:
        made = [text + end for text in made for end in part]
    return made
