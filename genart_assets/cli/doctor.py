"""Implements `genart doctor`: checks what works on this machine, with a remedy for each problem."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from genart_assets.cli.doctor_features import feature_lines
from genart_assets.cli.doctor_home import home_lines
from genart_assets.cli.doctor_models import model_lines
from genart_assets.cli.doctor_signing import signing_lines
from genart_assets.cli.doctor_software import software_lines

if TYPE_CHECKING:
    from genart_assets.cli.doctor_lines import Line

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor_command(*, as_json: bool) -> int:
    """Check everything, even after a failure. Returns 0, or 1 if a line is ``fail``."""
    console = Console(highlight=False)
    lines: list[Line] = []
    for group in (software_lines, home_lines, signing_lines, feature_lines, model_lines):
        for line in group():
            lines.append(line)
            if not as_json:
                _show(console, line)
    works = all(line.status != "fail" for line in lines)
    if as_json:
        print(json.dumps({"ok": works, "lines": [line.model_dump() for line in lines]}, ensure_ascii=False))
    return 0 if works else 1


def _show(console: Console, line: Line) -> None:
    colour = COLOURS[line.status]
    console.print(f"[{colour}]{line.status:<4}[/{colour}]  {line.name:<15} {escape(line.finding)}", soft_wrap=True)
    if line.remedy:
        console.print(f"{'':<22}[bold]remedy:[/bold] {escape(line.remedy)}", soft_wrap=True)
