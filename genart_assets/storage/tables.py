"""Tables of one asset of one batch, in parquet, with declared columns."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from genart_assets.errors import GenartError, StorageError
from genart_assets.records.schemas import BY_ASSET
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.storage.frames import SUFFIX, decode_frame, describe_frame, empty_frame, encode_frame
from genart_assets.storage.locks import batch_lock
from genart_assets.storage.parts import Contents, Parts
from genart_assets.storage.root import Storage
from genart_assets.storage.writing import Encoded, Progress, Written, write_rows

if TYPE_CHECKING:
    import pandas as pd

Frames: TypeAlias = "pd.DataFrame | RowStream[pd.DataFrame]"


def schema_of(asset: str) -> pa.Schema:
    """The columns that the table of an asset has.

    Raises:
        GenartError: none are declared under this name.
    """
    if asset not in BY_ASSET:
        raise GenartError(
            f"the columns of table {asset} are not declared",
            remedy=f"declare them in genart_assets/records/schemas.py, or take one of {', '.join(sorted(BY_ASSET))}",
        )
    return BY_ASSET[asset]


class TableStore:
    """A table, with the columns that schemas.py declares for its asset.

    Its column ``id_column`` names the row that each line belongs to; a row may have several lines.

    Raises:
        GenartError: no columns are declared for the asset.
    """

    def __init__(self, storage: Storage, asset: str, batch: str, *, id_column: str = "recipe_id") -> None:
        self._parts = Parts(storage, asset, batch, suffix=SUFFIX, describe=describe_frame)
        self._schema = schema_of(asset)
        self._id_column = id_column

    def sealed(self) -> bool:
        """Whether every row is settled and the asset declared complete."""
        return self._parts.manifest() is not None

    def settled(self) -> frozenset[str]:
        """The ids that need no further work: stored, or failed with a reason."""
        return self._parts.settled()

    def content(self) -> tuple[str, ...]:
        """Hashes of the stored parts, in order: equal where the table is equal. StorageError while unfinished."""
        return tuple(part.sha256 for part in self._parts.sealed().parts)

    def write(self, frames: Frames, progress: Progress | None = None) -> Written:
        """Store a whole table, or the missing rows of a stream, and seal. StorageError if the schema is not met."""
        if isinstance(frames, RowStream):
            return write_rows(self._parts, frames, self._begin, progress)
        return self._write_whole(frames, progress)

    def read(self) -> pd.DataFrame:
        """All lines, in the order of the sealed rows. StorageError while the table is unfinished."""
        import pandas as pd

        manifest = self._parts.sealed()
        frames = [
            decode_frame(self._parts.asset, self._schema, self._parts.read(part))
            for part in manifest.parts
            if part.contents.ids
        ]
        if not frames:
            return empty_frame(self._schema)
        place = {id: i for i, id in enumerate(manifest.ids)}
        lines = pd.concat(frames, ignore_index=True)
        lines = lines[lines[self._id_column].isin(place)]
        return lines.sort_values(self._id_column, key=lambda ids: ids.map(place), kind="stable", ignore_index=True)

    def failures(self) -> dict[str, str]:
        """Id to reason of the rows that have no lines. StorageError while the table is unfinished."""
        return self._parts.sealed().failures

    def _write_whole(self, frame: pd.DataFrame, progress: Progress | None) -> Written:
        started = perf_counter()
        contents = Contents(ids=self._ids_of(frame), failures={})
        data = encode_frame(self._parts.asset, self._schema, frame, contents)
        stored = 0
        with batch_lock(self._parts.storage, self._parts.batch, asset=self._parts.asset):
            if self._parts.manifest() is None:
                parts = [self._parts.append(contents, data, whole=True)] if contents.ids else []
                self._parts.seal(contents.ids, parts)
                stored = sum(part.bytes for part in parts)
            elif not self.read().equals(decode_frame(self._parts.asset, self._schema, data)):
                raise StorageError(
                    f"{self._parts.asset} of batch {self._parts.batch} is sealed with other content; "
                    "nothing is overwritten",
                    remedy="order what changed as a new batch",
                )
        rows = len(contents.ids)
        if progress:
            progress(rows, rows)
        return Written(rows, rows if stored else 0, {}, stored, perf_counter() - started)

    def _begin(self, rows: MicroBatch[pd.DataFrame]) -> Callable[[], Encoded]:
        def finish() -> Encoded:
            if strangers := set(self._ids_of(rows.data)) - set(rows.ids):
                raise GenartError(f"table {self._parts.asset} has lines of {min(strangers)}, which is not in its rows")
            contents = Contents(ids=rows.ids, failures=dict(rows.failures))
            return Encoded(encode_frame(self._parts.asset, self._schema, rows.data, contents), layout=None)

        return finish

    def _ids_of(self, frame: pd.DataFrame) -> tuple[str, ...]:
        """The rows that the lines belong to, in order of appearance."""
        if self._id_column not in frame.columns:
            raise StorageError(
                f"table {self._parts.asset} has no column {self._id_column}",
                remedy="add that column, and name the row of each line in it",
            )
        return tuple(dict.fromkeys(frame[self._id_column].tolist()))
