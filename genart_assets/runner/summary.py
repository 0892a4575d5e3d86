"""What a run of briefs has come to, counted from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from genart_assets import schemas
from genart_assets.errors import GenartError
from genart_assets.models.busy import model_seconds
from genart_assets.records import Batch, Record
from genart_assets.runner.problems import one_line
from genart_assets.storage.images import ImageStore
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore


class Round(Record):
    round: int
    rendered: int = Field(description="images")
    passed: int = Field(description="images")


class Summary(Record):
    slots: int
    rendered: int = Field(description="images that are stored, of this run and of runs that it resumed")
    newly_rendered: int = Field(default=0, description="images that this command rendered itself")
    passed: int = Field(description="slots with a selected image")
    failed: int = Field(description="slots without one")
    held: int = Field(default=0, description="images of batches that wait for a person, whole")
    delivered: int = Field(description="images whose files are all delivered")
    files: int = Field(description="delivered files")
    rounds: tuple[Round, ...]
    seconds: float = Field(default=0.0, description="wall time of this command")
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
    held: int = 0
    delivered: int = 0
    files: int = 0


def counts_of(storage: Storage, batch: str) -> Counts:
    """Count a batch as far as it has come.

    Raises:
        StorageError: what is stored of it is damaged.
    """
    images = ImageStore(storage, batch)
    selected = TableStore(storage, "selected_images", batch, schemas.SELECTED_IMAGES)
    verdicts = TableStore(storage, "verdicts", batch, schemas.VERDICTS)
    deliveries = TableStore(storage, "deliveries", batch, schemas.DELIVERIES)
    files = deliveries.read() if deliveries.sealed() else None
    return Counts(
        rendered=len(images.open().ids) if images.sealed() else 0,
        passed=len(selected.read()) if selected.sealed() else 0,
        held=int(verdicts.read()["held"].notna().sum()) if verdicts.sealed() else 0,
        delivered=0 if files is None else int(files["recipe_id"].nunique()),
        files=0 if files is None else len(files),
    )


def summarise(storage: Storage, planned: Sequence[Batch], newly_rendered: int, problems: Sequence[str]) -> Summary:
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
    passed = sum(counts.passed for counts in everything)
    return Summary(
        slots=slots,
        rendered=sum(counts.rendered for counts in everything),
        newly_rendered=newly_rendered,
        passed=passed,
        failed=slots - passed,
        held=sum(counts.held for counts in everything),
        delivered=sum(counts.delivered for counts in everything),
        files=sum(counts.files for counts in everything),
        rounds=tuple(
            Round(round=number, rendered=sum(c.rendered for c in some), passed=sum(c.passed for c in some))
            for number, some in sorted(rounds.items())
        ),
        storage=storage.root,
        model_seconds={kind: round(spent, 3) for kind, spent in model_seconds().items()},
        problems=tuple(dict.fromkeys(found)),
    )
