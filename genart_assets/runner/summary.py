"""What a run of briefs has come to, counted from what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import Field

from genart_assets.errors import GenartError
from genart_assets.records.base import Record
from genart_assets.records.plan import Batch
from genart_assets.runner.problems import one_line
from genart_assets.runner.reviewed import reviewed_of
from genart_assets.stages.planning.rounds import sheet_path
from genart_assets.storage.images import ImageStore
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

if TYPE_CHECKING:
    import pandas as pd


class Round(Record):
    round: int
    rendered: int = Field(description="images")
    passed: int = Field(description="images")


class Summary(Record):
    slots: int
    rendered: int = Field(description="images that are stored, of this run and of runs that it resumed")
    newly_rendered: int = Field(default=0, description="images that this command rendered itself")
    passed: int = Field(description="slots with a selected image, or one that a person accepted")
    failed: int = Field(description="slots without one")
    waiting: int = Field(
        default=0, description="images that no person has decided on: of held batches, or sampled among those that pass"
    )
    accepted: int = Field(default=0, description="images that people accepted")
    delivered: int = Field(description="images whose files are all delivered")
    files: int = Field(description="delivered files")
    rounds: tuple[Round, ...]
    seconds: float = Field(default=0.0, description="wall time of this command")
    sheets: tuple[str, ...] = Field(default=(), description="before and after, a picture for every retry round")
    storage: str
    model_seconds: dict[str, float] = Field(
        default_factory=dict, description="seconds of this command inside model calls: encode, denoise, decode, critic"
    )
    problems: tuple[str, ...] = Field(default=(), description="what failed, one line each")


@dataclass(frozen=True)
class Counts:
    """How far the images of one batch have come."""

    rendered: int = 0
    passed: int = 0
    waiting: frozenset[str] = frozenset()
    delivered: int = 0
    files: int = 0


def counts_of(storage: Storage, batch: str) -> Counts:
    """Count a batch as far as it has come.

    Raises:
        StorageError: what is stored of it is damaged.
    """
    images = ImageStore(storage, batch)
    selected = TableStore(storage, "selected_images", batch)
    verdicts = TableStore(storage, "verdicts", batch)
    deliveries = TableStore(storage, "deliveries", batch)
    files = deliveries.read() if deliveries.sealed() else None
    passed = selected.read() if selected.sealed() else None
    return Counts(
        rendered=len(images.open().ids) if images.sealed() else 0,
        passed=0 if passed is None else len(passed),
        waiting=_waiting(verdicts.read(), passed) if verdicts.sealed() and passed is not None else frozenset(),
        delivered=0 if files is None else int(files["recipe_id"].nunique()),
        files=0 if files is None else len(files),
    )


def summarise(
    storage: Storage,
    planned: Sequence[Batch],
    newly_rendered: int,
    problems: Sequence[str],
    model_seconds: Mapping[str, float] = MappingProxyType({}),
) -> Summary:
    """Count the images of some batches through the stages; a batch that cannot be read is one more problem."""
    rounds: dict[int, list[Counts]] = {}
    found = list(problems)
    for batch in planned:
        counts = rounds.setdefault(batch.round, [])
        try:
            counts.append(counts_of(storage, batch.key))
        except GenartError as error:
            found.append(f"{batch.key}: {one_line(error)}")
    everything = [counts for some in rounds.values() for counts in some]
    slots = sum(batch.rows for batch in planned if batch.round == 0)
    reviewed = reviewed_of(storage, sorted({batch.order for batch in planned}), found)
    passed = sum(counts.passed for counts in everything) + reviewed.accepted
    return Summary(
        slots=slots,
        rendered=sum(counts.rendered for counts in everything),
        newly_rendered=newly_rendered,
        passed=passed,
        failed=slots - passed,
        waiting=len(frozenset[str]().union(*(counts.waiting for counts in everything)) - reviewed.decided),
        accepted=reviewed.accepted,
        delivered=sum(counts.delivered for counts in everything) + reviewed.delivered,
        files=sum(counts.files for counts in everything) + reviewed.files,
        rounds=tuple(
            Round(round=number, rendered=sum(c.rendered for c in some), passed=sum(c.passed for c in some))
            for number, some in sorted(rounds.items())
        ),
        sheets=_sheets(storage, planned),
        storage=storage.root,
        model_seconds={kind: round(spent, 3) for kind, spent in model_seconds.items()},
        problems=tuple(dict.fromkeys(found)),
    )


def _sheets(storage: Storage, batches: Sequence[Batch]) -> tuple[str, ...]:
    turns = sorted({(batch.order, batch.round) for batch in batches if batch.round})
    return tuple(f"{storage.root}/{path}" for path in starmap(sheet_path, turns) if storage.exists(path))


def _waiting(verdicts: pd.DataFrame, selected: pd.DataFrame) -> frozenset[str]:
    """Images that are held, and those that passed and were not selected."""
    wait = verdicts[verdicts["held"].notna() | verdicts["passed"].astype(bool)]
    return frozenset(wait["recipe_id"]) - frozenset(selected["recipe_id"])
