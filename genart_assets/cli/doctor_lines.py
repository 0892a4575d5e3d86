"""One line of `genart doctor`: what was looked at, what was found, what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import Field

from genart_assets.errors import GenartError
from genart_assets.records.base import Record


class Line(Record):
    name: str = Field(description="what was looked at")
    status: Literal["ok", "warn", "fail"] = "ok"
    finding: str
    remedy: str = Field(default="", description="what to do; empty where nothing needs doing")


def tried(name: str, look: Callable[[], str]) -> Line:
    """The line of a look that tells what it found; an error of ours is a failed line with its remedy."""
    try:
        return Line(name=name, finding=look())
    except GenartError as error:
        return Line(name=name, status="fail", finding=error.message, remedy=error.remedy)
