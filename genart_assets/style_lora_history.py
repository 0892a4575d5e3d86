"""What happened to the versions of a style LoRA: events 0, 1, 2, … of each style, none of which ever changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Literal

from pydantic import AwareDatetime, Field, ValidationError, field_validator

from genart_assets.errors import InputError, StorageError
from genart_assets.records import BRIEF_ID_PATTERN, Record
from genart_assets.stages.judge_lora import PromotionVerdict
from genart_assets.storage.root import Storage

Happening = Literal["added", "promoted", "retired", "rolled back", "vetoed"]


class StyleEvent(Record):
    """One thing that happened to one version."""

    style: str
    version: str
    happening: Happening
    by: str = Field(min_length=1, description="a person, or the gate")
    why: str = ""
    time: AwareDatetime = Field(description="UTC")
    verdict: PromotionVerdict | None = Field(default=None, description="that a promotion by the gate rests on")

    @field_validator("time")
    @classmethod
    def _in_utc(cls, time: datetime) -> datetime:
        return time.astimezone(UTC)


def style_folder(style: str) -> str:
    """Where a style's versions and events lie, relative to the storage root.

    Raises:
        InputError: ``style`` is no name.
    """
    if not re.fullmatch(BRIEF_ID_PATTERN, style):
        raise InputError(
            f"{style!r} is no name of a style", remedy="use a-z, 0-9 and -, at most 64 characters, the first one no -"
        )
    return f"style_loras/{style}"


def history(storage: Storage, style: str) -> list[StyleEvent]:
    """All that happened to a style's versions, oldest first.

    Raises:
        InputError: ``style`` is no name. StorageError: an event is damaged.
    """
    found: list[StyleEvent] = []
    for number in count():
        path = _path(style, number)
        if not storage.exists(path):
            break
        try:
            found.append(StyleEvent.model_validate_json(storage.read(path)))
        except ValidationError as error:
            raise StorageError(
                f"{storage.root}/{path} is damaged: {error.errors()[0]['msg']}",
                remedy="restore the file: it tells which version was promoted",
            ) from error
    return found


def append(storage: Storage, event: StyleEvent, number: int) -> bool:
    """Store an event under ``number``, durably. False, and nothing stored, if another was faster."""
    return storage.write_once(_path(event.style, number), event.canonical().encode())


def promotions(events: Sequence[StyleEvent]) -> list[str]:
    """The versions that were promoted and not taken back since, the present one last; empty where none is.

    A retired version leaves no other in its place; a rollback and a veto bring back the one before.
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


def _path(style: str, number: int) -> str:
    return f"{style_folder(style)}/events/{number:08d}.json"
