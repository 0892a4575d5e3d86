"""Stores what happened to the versions of a style LoRA: events 0, 1, 2, … of each style, which never change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, Field, field_validator

from genart_assets.errors import InputError
from genart_assets.loras.promotion import PromotionVerdict
from genart_assets.records.base import BRIEF_ID_PATTERN, Record
from genart_assets.storage.numbered import Numbered
from genart_assets.storage.root import Storage

Happening = Literal["added", "promoted", "retired", "rolled back", "vetoed"]


class StyleEvent(Record):
    """One thing that happened to one version."""

    style: str
    version: str
    happening: Happening
    by: str = Field(min_length=1, description="name of a person, or the gate")
    why: str = ""
    time: AwareDatetime = Field(description="UTC")
    verdict: PromotionVerdict | None = Field(default=None, description="verdict on which the gate promoted the version")

    @field_validator("time")
    @classmethod
    def _in_utc(cls, time: datetime) -> datetime:
        return time.astimezone(UTC)


def style_folder(style: str) -> str:
    """The folder of a style's versions and events, relative to the storage root.

    Raises:
        InputError: ``style`` is not a valid name.
    """
    if not re.fullmatch(BRIEF_ID_PATTERN, style):
        raise InputError(
            f"{style!r} is not a name of a style", remedy="use at most 64 of a-z, 0-9 and -, and no - at the beginning"
        )
    return f"style_loras/{style}"


def history(storage: Storage, style: str) -> list[StyleEvent]:
    """All events of a style, oldest first.

    Raises:
        InputError: ``style`` is not a valid name. StorageError: an event is damaged.
    """
    return list(_events(storage, style))


def append(storage: Storage, event: StyleEvent, number: int) -> bool:
    """Store an event under ``number``, durably; return False and store nothing if the number is taken."""
    return _events(storage, event.style).put(event, number)


def promotions(events: Sequence[StyleEvent]) -> list[str]:
    """The promoted versions that were not withdrawn, the present one last; empty if no version is promoted.

    If the promoted version is retired, none is promoted; a rollback or a veto brings back the previous one.
    """
    line: list[str] = []
    for event in events:
        if event.happening == "retired" and line[-1:] == [event.version]:
            line = []
        elif event.happening != "added":
            line = [one for one in line if one != event.version]
        if event.happening == "promoted":
            line.append(event.version)
    return line


def _events(storage: Storage, style: str) -> Numbered[StyleEvent]:
    return Numbered(storage, f"{style_folder(style)}/events/", StyleEvent)
