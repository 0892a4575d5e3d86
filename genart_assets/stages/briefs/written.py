"""The kinds of YAML file that a studio writes, for the words in which one is refused."""

from __future__ import annotations

from dataclasses import dataclass

from genart_assets.records.base import Record
from genart_assets.records.brief import Brief


@dataclass(frozen=True)
class Written:
    """One kind of file."""

    record: type[Record]
    """What it is read into."""
    name: str
    """As in ``the brief is empty``."""
    wanted: str
    """What to write into an empty one."""
    example: str
    """What to write in place of a list or a single value."""
    shorter: str
    """What to do about one that is too long."""
    then: str
    """What to do once it is corrected, and what was not done so far."""


BRIEF = Written(
    record=Brief,
    name="brief",
    wanted="write at least the keys brief and prompt",
    example="write keys and values, such as 'brief: spring-market'; one brief a file",
    shorter="split it into several briefs",
    then="give the brief again; nothing of it was planned",
)
