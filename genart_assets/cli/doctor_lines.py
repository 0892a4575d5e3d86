"""Defines one line of `genart doctor`: what was checked, what was found, what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import Field

from genart_assets.errors import GenartError
from genart_assets.records.base import Record


class Line(Record):
    """The result of one check."""

    name: str = Field(description="what was checked")
    status: Literal["ok", "warn", "fail"] = "ok"
    finding: str
    remedy: str = Field(default="", description="what to do; empty if nothing is wrong")


def tried(name: str, look: Callable[[], str]) -> Line:
    """The line of a check that returns what it found; a GenartError becomes a failed line with its remedy."""
    try:
        return Line(name=name, finding=look())
    except GenartError as error:
        return Line(name=name, status="fail", finding=error.message, remedy=error.remedy)
