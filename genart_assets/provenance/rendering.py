"""What a run had to do with a batch's latents: when, where, in which shape, for how long. Kept once, referred to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import TypeVar

from pydantic import AwareDatetime, Field

from genart_assets.models.busy import heard_by
from genart_assets.records.base import Record
from genart_assets.records.streams import MicroBatch
from genart_assets.storage.records import read_record
from genart_assets.storage.root import Storage

Data = TypeVar("Data")
_MOMENT = "%Y%m%dT%H%M%S.%fZ"


class Rendering(Record):
    """The rows of a batch that one run denoised."""

    run_id: str = Field(description="Dagster run")
    batch: str = Field(description="batch key")
    environment: str = Field(description="id; its file lies in environments/")
    micro_batch_rows: int = Field(ge=1, description="the fixed shape of a model call")
    rows: tuple[str, ...] = Field(description="recipe ids, failed ones included")
    began: AwareDatetime = Field(description="UTC")
    seconds: float = Field(ge=0, description="inside the denoiser's calls, for all rows")
    version: str = Field(description="of genart-assets")


def record_rendering(
    storage: Storage,
    micro_batches: Iterable[MicroBatch[Data]],
    *,
    batch: str,
    run_id: str,
    environment: str,
    micro_batch_rows: int,
) -> Iterator[MicroBatch[Data]]:
    """The micro-batches as they come; when they end, or break off, the run's `Rendering` is stored.

    A process that is killed leaves none: its images then name their environment, but no run.
    """
    rows: list[str] = []
    denoising: list[float] = []

    def heard(kind: str, seconds: float) -> None:
        if kind == "denoise":
            denoising.append(seconds)

    began = datetime.now(UTC)
    try:
        for micro_batch in heard_by(heard, micro_batches):
            rows += micro_batch.settled
            yield micro_batch
    finally:
        if rows:
            made = Rendering(
                run_id=run_id,
                batch=batch,
                environment=environment,
                micro_batch_rows=micro_batch_rows,
                rows=tuple(rows),
                began=began,
                seconds=round(sum(denoising), 4),
                version=version("genart-assets"),
            )
            storage.write_once(f"{_folder(batch)}/{_name(storage, made)}", made.canonical().encode())


def renderings_of(storage: Storage, batch: str) -> dict[str, Rendering]:
    """Recipe id to the run that denoised it; where a run was killed after another had counted a row, the later one,
    whatever its clock said.

    Raises:
        StorageError: a file is damaged.
    """
    found: dict[str, Rendering] = {}
    for name in sorted(storage.names(_folder(batch))):
        made = _read(storage, f"{_folder(batch)}/{name}")
        found |= dict.fromkeys(made.rows, made)
    return found


def _read(storage: Storage, path: str) -> Rendering:
    return read_record(storage, path, Rendering, remedy="restore the file, or delete it: its images then name no run")


def _name(storage: Storage, made: Rendering) -> str:
    """A name after those of the batch's earlier runs, also where the clock was set back since."""
    moment = f"{made.began:{_MOMENT}}"
    last = max(storage.names(_folder(made.batch)), default="").partition("-")[0]
    if moment <= last:
        moment = f"{datetime.strptime(last, _MOMENT) + timedelta.resolution:{_MOMENT}}"
    return f"{moment}-{made.run_id[:8]}.json"


def _folder(batch: str) -> str:
    return f"renderings/{batch}"
