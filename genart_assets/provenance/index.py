"""All provenance records of a storage in one DuckDB file, so that one is found among millions at once."""

from __future__ import annotations

import fcntl
import io
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from genart_assets.errors import StorageError
from genart_assets.provenance.likeness import BYTES, distances
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.records import schemas
from genart_assets.stages.planning.catalogue import order_keys
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.storage.cache_folder import cache_folder
from genart_assets.storage.frames import SUFFIX, describe_frame
from genart_assets.storage.parts import MANIFEST, Parts
from genart_assets.storage.root import Storage

if TYPE_CHECKING:
    import pandas as pd

ASSET = "provenance"
FILE = "provenance.duckdb"
AT_ONCE = 500
"""Batches of one insertion."""


class ProvenanceIndex:
    """Brought up to date with the stored batches when it is opened. It may be deleted at any time: it is made anew.

    It lies in the storage's ``.cache/``, or for S3 in the temporary folder. One process at a time.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.damaged: tuple[StorageError, ...] = ()
        """Why the records of some batches are not in it; those of the others are."""
        self.unrecorded: tuple[str, ...] = ()
        """Keys of batches that have images, but whose records were not made."""

    def find(self, beginning: str) -> list[ProvenanceRecord]:
        """The records whose recipe id begins so, earliest round first; at most 100."""
        where = "recipe_id >= ? AND recipe_id < ? ORDER BY round, batch"
        return self._records(where, [beginning, beginning + "g"], limit=100)

    def attempts(self, order: str, slot_index: int) -> list[ProvenanceRecord]:
        """All attempts of a slot, oldest first."""
        where = "starts_with(batch, ?) AND slot_index = ? ORDER BY round"
        return self._records(where, [f"{order}.r", slot_index], limit=1_000)

    def siblings(self, image: ProvenanceRecord, count: int = 8) -> list[ProvenanceRecord]:
        """The images of its batch whose slots are next to its own, in the plan's order."""
        where = "batch = ? AND slot_index <> ? ORDER BY abs(slot_index - ?), slot_index"
        values = [image.batch, image.slot_index, image.slot_index]
        return sorted(self._records(where, values, count), key=lambda sibling: sibling.slot_index)

    def sample(self, count: int, brief: str | None = None) -> list[ProvenanceRecord]:
        """Random images that have pictures, of all briefs or of one."""
        where, values = ("brief = ? AND", [brief]) if brief else ("", [])
        ids = self._connection.execute(
            f"SELECT recipe_id, batch FROM records WHERE {where} pixel_sha256 IS NOT NULL ORDER BY random() LIMIT ?",
            [*values, count],
        ).fetchall()
        found = [self._records("recipe_id = ? AND batch = ?", [recipe_id, batch], 1) for recipe_id, batch in ids]
        return [record for records in found for record in records]

    def likeness(self, image: ProvenanceRecord) -> bytes | None:
        """Of an image's picture; None if it has none, or an earlier release recorded it."""
        where = "recipe_id = ? AND batch = ?"
        found = self._connection.execute(f"SELECT likeness FROM records WHERE {where}", [image.recipe_id, image.batch])
        return found.fetchall()[0][0]

    def nearest(self, shown: bytes, count: int = 3) -> list[tuple[ProvenanceRecord, float]]:
        """The images that look most like ``shown``, nearest first, with their distances; of equal pixels the earliest.

        Looks at every record: a few seconds for a million.
        """
        rows = self._connection.sql("SELECT pixel_sha256, likeness FROM records WHERE likeness IS NOT NULL")
        pixels, stored = rows.to_arrow_table().columns
        likenesses = np.frombuffer(stored.cast(pa.binary(BYTES)).combine_chunks().buffers()[1] or b"", np.uint8)
        apart = distances(shown, likenesses.reshape(-1, BYTES))
        found: dict[str, float] = {}
        for row in map(int, np.argsort(apart)):
            found.setdefault(pixels[row].as_py(), float(apart[row]))
            if len(found) == count:
                break
        first = "pixel_sha256 = ? ORDER BY round, batch"
        return [(self._records(first, [sha256], 1)[0], distance) for sha256, distance in found.items()]

    def table(self) -> pd.DataFrame:
        """All records, as they are stored (schemas.PROVENANCE), batch by batch.

        Raises:
            StorageError: those of a batch are damaged, so that they would not be all.
        """
        import pandas as pd

        for error in self.damaged:
            raise error
        stored = self._connection.sql("SELECT * FROM records ORDER BY batch, slot_index").to_arrow_table()
        return stored.cast(schemas.PROVENANCE).to_pandas(types_mapper={pa.int32(): pd.Int32Dtype()}.get)

    def refresh(self, storage: Storage) -> int:
        """Take in the batches that are stored and were not; how many they are. What is damaged stays outside."""
        execute = self._connection.execute
        if self._of_another_release():
            execute("DROP TABLE records; DROP TABLE batches")
        execute("CREATE TABLE IF NOT EXISTS batches (batch VARCHAR PRIMARY KEY)")
        known = {batch for (batch,) in execute("SELECT batch FROM batches").fetchall()}
        damaged: list[StorageError] = []
        new = [batch for batch in _planned(storage, damaged) if batch not in known]
        sealed = [batch for batch in new if storage.exists(f"assets/{ASSET}/{batch}/{MANIFEST}")]
        without = sorted(set(new).difference(sealed))
        self.unrecorded = tuple(batch for batch in without if storage.exists(f"assets/images/{batch}/{MANIFEST}"))
        self._connection.register("given", schemas.PROVENANCE.empty_table())
        execute("CREATE TABLE IF NOT EXISTS records AS SELECT * FROM given")
        taken = 0
        for first in range(0, len(sealed), AT_ONCE):
            tables: dict[str, pa.Table] = {}
            for batch in sealed[first : first + AT_ONCE]:
                try:
                    tables[batch] = _table(storage, batch)
                except StorageError as error:
                    damaged.append(error)
            if not tables:
                continue
            self._connection.register("given", pa.concat_tables(tables.values()))
            self._connection.begin()
            execute("INSERT INTO records SELECT * FROM given")
            self._connection.executemany("INSERT INTO batches VALUES (?)", [[batch] for batch in tables])
            self._connection.commit()
            taken += len(tables)
        self.damaged = tuple(damaged)
        return taken

    def _of_another_release(self) -> bool:
        columns = "SELECT column_name FROM duckdb_columns() WHERE table_name = 'records' ORDER BY column_index"
        names = [name for (name,) in self._connection.execute(columns).fetchall()]
        return bool(names) and names != schemas.PROVENANCE.names

    def _records(self, where: str, values: Sequence[object], limit: int) -> list[ProvenanceRecord]:
        select = "SELECT * EXCLUDE likeness FROM records"
        found = self._connection.execute(f"{select} WHERE {where} LIMIT {limit}", values)
        names = [column[0] for column in found.description]
        return [ProvenanceRecord.model_validate(dict(zip(names, row, strict=True))) for row in found.fetchall()]


@contextmanager
def provenance_index(storage: Storage) -> Generator[ProvenanceIndex]:
    """The index of a storage, up to date but for what is damaged; another process waits until the block ends.

    Raises:
        StorageError: the storage cannot be read.
    """
    import duckdb

    folder = cache_folder(storage)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "provenance.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            connection, index = _up_to_date(folder / FILE, storage)
        except duckdb.Error:  # of another version of DuckDB, or cut off in the middle of a write
            (folder / FILE).unlink()
            connection, index = _up_to_date(folder / FILE, storage)
        with connection:
            yield index


def _up_to_date(file: Path, storage: Storage) -> tuple[Any, ProvenanceIndex]:
    import duckdb

    connection = duckdb.connect(str(file))
    index = ProvenanceIndex(connection)
    try:
        index.refresh(storage)
    except BaseException:
        connection.close()
        raise
    return connection, index


def _planned(storage: Storage, damaged: list[StorageError]) -> Iterator[str]:
    """The keys of all batches of all orders, as far as they are planned; orders that are damaged go to ``damaged``."""
    for key in order_keys(storage):
        try:
            batches = [batch.key for batch in OrderBook.open(storage, key).all_batches()]
        except StorageError as error:
            damaged.append(error)
        else:
            yield from batches


def _table(storage: Storage, batch: str) -> pa.Table:
    parts = Parts(storage, ASSET, batch, suffix=SUFFIX, describe=describe_frame)
    try:
        tables = [pq.read_table(io.BytesIO(parts.read(part))) for part in parts.sealed().parts]
        nothing = schemas.PROVENANCE.empty_table()
        whole = pa.concat_tables([nothing, *tables], promote_options="default")  # earlier releases: columns are null
    except pa.ArrowException as error:
        raise _damaged(storage, batch, f"the table in {storage.root}/{parts.folder} is damaged: {error}") from error
    except StorageError as error:
        if isinstance(error.__cause__, FileNotFoundError | ValidationError | None):
            raise _damaged(storage, batch, error.message) from error
        raise  # the disk or S3 refuses: it tells what to do itself
    return whole.select(nothing.column_names).replace_schema_metadata(None)


def _damaged(storage: Storage, batch: str, why: str) -> StorageError:
    """Records are made from what is stored, so that a lost table is no loss."""
    return StorageError(
        f"the records of batch {batch} cannot be read: {why}",
        remedy=f"restore the file, or delete {storage.root}/assets/{ASSET}/{batch} and run the same brief again, "
        "which makes the same records",
    )
