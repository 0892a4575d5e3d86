"""Images of one batch: lossless PNGs, each stored once under the hash of its pixels, and an index in parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from genart_assets.errors import GenartError, StorageError
from genart_assets.records.schemas import IMAGE_INDEX
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.storage.chunks import chunks
from genart_assets.storage.frames import SUFFIX, decode_frame, describe_frame, empty_frame, encode_frame
from genart_assets.storage.parts import Contents, Parts
from genart_assets.storage.pixels import Picture, decode_png, encode_png, pixel_path, pixel_sha256
from genart_assets.storage.read_ahead import read_ahead
from genart_assets.storage.root import Storage
from genart_assets.storage.writing import Encoded, Progress, Written, write_rows

if TYPE_CHECKING:
    import pandas as pd

_LOST = "restore the file from a backup, or order the same brief as a new batch"
_THREADS = 8  # most of the time they wait for the disk
Pictures = npt.NDArray[np.uint8]
"""sRGB ``uint8 [rows, height, width, 3]``."""


class ImageStore:
    """The images of a batch; all have one size."""

    def __init__(self, storage: Storage, batch: str, *, asset: str = "images") -> None:
        self._storage = storage
        self._parts = Parts(storage, asset, batch, suffix=SUFFIX, describe=describe_frame)

    def sealed(self) -> bool:
        """Whether every row is settled and the asset declared complete."""
        return self._parts.manifest() is not None

    def settled(self) -> frozenset[str]:
        """The ids that need no further work: stored, or failed with a reason."""
        return self._parts.settled()

    def write(self, stream: RowStream[Pictures], progress: Progress | None = None) -> Written:
        """Compute the missing rows, store the pictures of each micro-batch, then its part of the index, and seal."""
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="png") as pool:
            return write_rows(self._parts, stream, partial(self._begin, pool, stream.environment), progress)

    def open(self) -> StoredImages:
        """The sealed images. StorageError while the asset is unfinished."""
        return StoredImages(self._storage, self._parts)

    def _begin(
        self, pool: ThreadPoolExecutor, environment: str | None, rows: MicroBatch[Pictures]
    ) -> Callable[[], Encoded]:
        import pandas as pd

        pictures = np.array(rows.data)  # a copy: the stage may reuse its own
        shape_fits = pictures.ndim == 4 and pictures.shape[0] == len(rows.ids) and pictures.shape[3] == 3
        if rows.ids and not (shape_fits and pictures.dtype == np.uint8):
            raise GenartError(
                f"images are uint8 [{len(rows.ids)}, height, width, 3], not {pictures.dtype} {list(pictures.shape)}"
            )
        entries = [pool.submit(self._store, id, picture) for id, picture in zip(rows.ids, pictures, strict=False)]

        def finish() -> Encoded:
            stored = [entry.result() for entry in entries]
            index = pd.DataFrame([entry for entry, _ in stored], columns=IMAGE_INDEX.names)
            layout = {"height": pictures.shape[1], "width": pictures.shape[2]} if rows.ids else None
            contents = Contents(ids=rows.ids, failures=dict(rows.failures), layout=layout, environment=environment)
            data = encode_frame(f"{self._parts.asset} index", IMAGE_INDEX, index, contents)
            return Encoded(data, layout, bytes_beside=sum(new for _, new in stored))

        return finish

    def _store(self, id: str, picture: Picture) -> tuple[dict[str, str | int], int]:
        """The index entry of one picture, which is durable now, and the bytes that were new."""
        sha256 = pixel_sha256(picture)
        path = pixel_path(sha256)
        size = self._storage.size(path)
        data = b"" if size else encode_png(picture)
        self._storage.write_once(path, data)
        height, width, _ = picture.shape
        entry = {
            "recipe_id": id,
            "pixel_sha256": sha256,
            "path": path,
            "width": width,
            "height": height,
            "bytes": size or len(data),
        }
        return entry, len(data)


class StoredImages:
    """The sealed images of a batch."""

    def __init__(self, storage: Storage, parts: Parts) -> None:
        import pandas as pd

        manifest = parts.sealed()
        self._storage = storage
        self._asked = manifest.ids
        self._what = f"{parts.asset} of batch {parts.batch}"
        frames = [
            decode_frame(f"{parts.asset} index", IMAGE_INDEX, parts.read(part))
            for part in manifest.parts
            if part.contents.ids
        ]
        entries = pd.concat(frames) if frames else empty_frame(IMAGE_INDEX)
        entries = entries.drop_duplicates("recipe_id").set_index("recipe_id", drop=False)
        self.failures: dict[str, str] = manifest.failures
        """Id to reason of the rows that have no image."""
        self.ids: tuple[str, ...] = tuple(id for id in manifest.ids if id in entries.index)
        """The rows that have an image, in order."""
        self.environments: dict[str, str] = manifest.environments
        """Id to the environment that decoded the image, where that was told."""
        self.index: pd.DataFrame = entries.loc[list(self.ids)].reset_index(drop=True)
        """Columns of schemas.IMAGE_INDEX, one line per id, in order."""
        self._entries = {e["recipe_id"]: e for e in self.index.to_dict("records")}

    def stream(self, ids: Sequence[str] | None = None, rows: int = 16) -> Iterator[MicroBatch[Pictures]]:
        """The images of ``ids`` in that order, ``rows`` at a time, decoded ahead; by default all.

        A missing, undecodable or changed file is a failure of its row, with the reason; rows that failed before come
        along as failures too. StorageError for an id that the batch does not have.
        """
        ids = self._asked if ids is None else ids

        def micro_batches() -> Iterator[MicroBatch[Pictures]]:
            with ThreadPoolExecutor(_THREADS, thread_name_prefix="png") as pool:
                for present, failures in chunks(ids, self._reason, rows):
                    pictures = dict(zip(present, pool.map(self._load, present), strict=True))
                    intact = {id: p for id, p in pictures.items() if not isinstance(p, str)}
                    damaged = {id: p for id, p in pictures.items() if isinstance(p, str)}
                    data = np.stack(list(intact.values())) if intact else np.empty((0, 0, 0, 3), np.uint8)
                    yield MicroBatch(tuple(intact), data, {**failures, **damaged})

        return read_ahead(micro_batches())

    def file_of(self, id: str) -> bytes:
        """The PNG of one image. StorageError, with the reason, where there is none, or not the one that was stored."""
        problem: Picture | str | None = self._reason(id)
        data = b""
        if problem is None:
            path = self._entries[id]["path"]
            if not self._storage.exists(path):
                raise StorageError(f"image file {path} is missing", remedy=_LOST)
            data = self._storage.read(path)
            problem = self._decoded(id, data)
        if isinstance(problem, str):
            raise StorageError(problem, remedy=_LOST)
        return data

    def _reason(self, id: str) -> str | None:
        if id not in self._entries and id not in self.failures:
            raise StorageError(
                f"{self._what} has no row {id}",
                remedy="order the brief as a new batch: the sealed rows differ from the plan's",
            )
        return self.failures.get(id)

    def _load(self, id: str) -> Picture | str:
        """The picture, or the reason why there is none."""
        try:
            return self._decoded(id, self._storage.read(self._entries[id]["path"]))
        except StorageError as error:
            return f"image file: {error.message}"

    def _decoded(self, id: str, data: bytes) -> Picture | str:
        entry = self._entries[id]
        try:
            picture = decode_png(data)
        except (OSError, ValueError, SyntaxError) as error:
            return f"image file {entry['path']} cannot be decoded: {error}"
        if pixel_sha256(picture) != entry["pixel_sha256"]:
            return f"image file {entry['path']} has changed: its pixels have another hash"
        return picture
