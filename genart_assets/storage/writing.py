"""How every store takes a stream of rows: ask for the missing ones, store each micro-batch behind, seal at the end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

from pydantic import JsonValue

from genart_assets.errors import GenartError, StorageError
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.storage.locks import batch_lock
from genart_assets.storage.parts import Contents, Part, Parts
from genart_assets.storage.write_behind import WriteBehind

Data = TypeVar("Data")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Written:
    """What storing an asset of a batch came to."""

    rows: int
    """Rows of the batch, failed ones included."""
    new_rows: int
    """Rows that this call computed and stored, failed ones included."""
    failures: dict[str, str]
    """Id to reason of the failed rows."""
    bytes: int
    """Bytes that this call stored."""
    seconds: float
    """Seconds that this call took, computing included."""

    @property
    def rows_per_second(self) -> float:
        return self.new_rows / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Encoded:
    """A micro-batch as it will be stored."""

    data: bytes
    """The part's file."""
    layout: JsonValue
    """Types and shapes of a row; None where there is no row. Equal in all parts of an asset."""
    bytes_beside: int = 0
    """Bytes stored beside the part, pictures for example; durable already."""
    announce: Callable[[Part], None] | None = None
    """Called when the part is durable."""


def write_rows(
    parts: Parts,
    stream: RowStream[Data],
    begin: Callable[[MicroBatch[Data]], Callable[[], Encoded]],
    progress: Progress | None,
) -> Written:
    """Compute and store the rows that are missing, then seal.

    ``begin`` is called between two micro-batches of ``stream.compute`` and returns at once; what it returns runs on the
    writing thread. After an error, or a kill, everything announced by ``progress(done, total)`` is stored; the
    next call asks for the rest. A sealed asset is left alone, and refuses other rows.
    """
    started = perf_counter()
    if len(set(stream.ids)) != len(stream.ids):
        raise GenartError(f"{parts.asset} of batch {parts.batch} is asked for the same row twice")
    with batch_lock(parts.storage, parts.batch, asset=parts.asset):
        found = parts.find()
        settled = {id for part in found for id in part.contents.settled}
        missing = [id for id in stream.ids if id not in settled]
        layout = next((part.contents.layout for part in found if part.contents.layout is not None), None)
        tally = _Tally(parts, layout, len(stream.ids) - len(missing), stream, progress)
        if missing and parts.manifest() is None:
            with WriteBehind() as behind, closing(_rows(stream, missing)) as rows:
                for micro_batch in rows:
                    behind.submit(tally.storing(micro_batch, begin(micro_batch)))
        manifest = parts.seal(stream.ids)
    return Written(
        rows=len(manifest.ids),
        new_rows=tally.new_rows,
        failures=manifest.failures,
        bytes=tally.bytes,
        seconds=perf_counter() - started,
    )


class _Tally:
    """Stores parts on the writing thread and counts them."""

    def __init__(
        self, parts: Parts, layout: JsonValue, done: int, stream: RowStream[Data], progress: Progress | None
    ) -> None:
        self._parts, self._layout, self._done, self._progress = parts, layout, done, progress
        self._total, self._environment = len(stream.ids), stream.environment
        self.new_rows = self.bytes = 0
        self._report()

    def storing(self, rows: MicroBatch[Data], finish: Callable[[], Encoded]) -> Callable[[], None]:
        def store() -> None:
            encoded = finish()
            self._check_layout(encoded.layout)
            contents = Contents(
                ids=rows.ids, failures=dict(rows.failures), layout=encoded.layout, environment=self._environment
            )
            part = self._parts.append(contents, encoded.data)
            if encoded.announce:
                encoded.announce(part)
            self.new_rows += len(rows.settled)
            self.bytes += part.bytes + encoded.bytes_beside
            self._report()

        return store

    def _report(self) -> None:
        if self._progress:
            self._progress(self._done + self.new_rows, self._total)

    def _check_layout(self, layout: JsonValue) -> None:
        if layout is None:
            return
        if self._layout is None:
            self._layout = layout
        if layout != self._layout:
            raise StorageError(
                f"{self._parts.asset} of batch {self._parts.batch}: a row is {layout}, earlier rows are {self._layout}",
                remedy="order rows of another type or shape as another batch: all rows of a batch have the same",
            )


def _rows(stream: RowStream[Data], missing: Sequence[str]) -> Generator[MicroBatch[Data], None, None]:
    """The stream's micro-batches, each checked to hold only rows that were asked for, none of them twice."""
    open_ids = set(missing)
    for micro_batch in stream.compute(missing):
        for id in micro_batch.settled:
            if id not in open_ids:
                raise GenartError(f"a stage yielded row {id} twice or unasked")
            open_ids.remove(id)
        yield micro_batch
