"""The commands with their arguments and options: from typer's tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from genart_assets.cli import app
from genart_docs.markdown import code, table

HEAD = ("name", "takes", "default", "meaning")
SHOWN_WITHOUT_DEFAULT = (None, False, "", ())


def commands() -> str:
    return "\n".join(_section(words, command) for words, command in tree())


def tree() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it: ``("brief", "from-image")``."""
    yield from _below((), typer.main.get_command(app))


def options() -> set[str]:
    """Every option of every command, and of `genart` itself."""
    every = [typer.main.get_command(app), *(command for _, command in tree())]
    return set[str]().union(*map(options_of, every))


def options_of(command: Any) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts if name.startswith("-")}


def _below(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        if hasattr(inner, "commands"):
            yield from _below((*words, name), inner)
        else:
            yield (*words, name), inner


def _section(words: tuple[str, ...], command: Any) -> str:
    shown = [parameter for parameter in command.params if not parameter.hidden]
    arguments = [parameter for parameter in shown if parameter.opts[0][0] != "-"]
    usage = " ".join(["genart", *words, *(_usage(argument) for argument in arguments), "[OPTIONS]"])
    rows = [_row(parameter) for parameter in [*arguments, *(one for one in shown if one not in arguments)]]
    return f"## `genart {' '.join(words)}`\n\n    {usage}\n\n{command.help}\n\n{table(HEAD, rows) if rows else ''}"


def _usage(argument: Any) -> str:
    word = argument.name.upper() + ("…" if argument.nargs == -1 else "")
    return word if argument.required else f"[{word}]"


def _row(parameter: Any) -> tuple[str, ...]:
    named = parameter.opts[0][0] == "-"
    name = ", ".join(code(option) for option in parameter.opts) if named else code(parameter.name.upper())
    default = "**required**" if parameter.required else "none"
    if parameter.default not in SHOWN_WITHOUT_DEFAULT:
        default = code(parameter.default)
    return name, _takes(parameter), default, parameter.help or ""


def _takes(parameter: Any) -> str:
    if getattr(parameter, "is_flag", False):
        return "nothing"
    wanted = str(parameter.type_descriptor.annotation)
    kind = next((word for key, word in (("int", "a whole number"), ("Path", "a path")) if key in wanted), "text")
    low, high = parameter.min, parameter.max
    span = f" from {low} to {high}" if low is not None and high is not None else ""
    return ("one or more: " if parameter.nargs == -1 else "") + kind + span
