"""The parts of one asset of one batch, and the manifest that declares them complete.

A part holds the rows of one micro-batch and tells their ids itself. Parts alone are resumable progress. The manifest
is the commit marker: with it the asset is sealed, and neither part nor manifest changes any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field, JsonValue

from genart_assets.errors import InputError, StorageError
from genart_assets.records.base import Record, sha256_hex
from genart_assets.storage.records import read_record
from genart_assets.storage.root import Storage

MANIFEST = "manifest.json"


class Contents(Record):
    """What a part says of itself."""

    ids: tuple[str, ...] = Field(description="rows in it, in order")
    failures: dict[str, str] = Field(description="id to reason of the rows that could not be computed")
    layout: JsonValue = None
    """Types and shapes of a row; None where the part has no rows."""
    environment: str | None = Field(
        default=None, description="id of the environment that computed the rows, where their bits depend on it"
    )

    @property
    def settled(self) -> tuple[str, ...]:
        return (*self.ids, *self.failures)


class Part(Record):
    name: str = Field(description="file name in the batch's folder")
    sha256: str = Field(description="of the file")
    bytes: int = Field(description="of the file")
    contents: Contents


class Manifest(Record):
    version: Literal[1] = 1
    asset: str
    batch: str
    ids: tuple[str, ...] = Field(description="every row that was asked for, in order, failed ones included")
    parts: tuple[Part, ...]

    @property
    def failures(self) -> dict[str, str]:
        """Id to reason of the failed rows, in row order."""
        reasons = {id: reason for part in self.parts for id, reason in part.contents.failures.items()}
        return {id: reasons[id] for id in self.ids if id in reasons}

    @property
    def environments(self) -> dict[str, str]:
        """Id of a stored row to the environment that computed it, where that was told."""
        told = ((part.contents.ids, part.contents.environment) for part in self.parts)
        return {id: environment for ids, environment in told if environment for id in ids}

    @property
    def layout(self) -> JsonValue:
        return next((part.contents.layout for part in self.parts if part.contents.layout is not None), None)


class Parts:
    """Parts of ``asset`` in ``batch``. ``describe`` reads a part's own account from its bytes."""

    def __init__(
        self, storage: Storage, asset: str, batch: str, *, suffix: str, describe: Callable[[bytes], Contents]
    ) -> None:
        for name in (asset, batch):
            if "/" in name:
                raise InputError(f"{name!r} is not a name of an asset or a batch", remedy="use names without '/'")
        self.storage, self.asset, self.batch = storage, asset, batch
        self.folder = f"assets/{asset}/{batch}"
        self._suffix = suffix
        self._describe = describe
        self._known: dict[str, Part] = {}
        self._manifest: Manifest | None = None

    def manifest(self) -> Manifest | None:
        """The manifest of a sealed asset; None while it is unfinished."""
        if self._manifest is None and self.storage.exists(f"{self.folder}/{MANIFEST}"):
            remedy = "restore the folder from a backup, or order the same brief as a new batch"
            self._manifest = read_record(self.storage, f"{self.folder}/{MANIFEST}", Manifest, remedy=remedy)
        return self._manifest

    def sealed(self) -> Manifest:
        """The manifest. StorageError while the asset is unfinished."""
        manifest = self.manifest()
        if manifest is None:
            raise StorageError(
                f"{self.asset} of batch {self.batch} is not complete in {self.storage.root}",
                remedy=f"materialise asset {self.asset} for batch {self.batch} first",
            )
        return manifest

    def find(self) -> list[Part]:
        """Look for the parts that are there: those of the manifest, or what earlier, unfinished runs stored."""
        manifest = self.manifest()
        if manifest is not None:
            return list(manifest.parts)
        for name in self.storage.names(self.folder):
            if name.endswith(self._suffix) and name not in self._known:
                self._known[name] = self._look_at(name)
        return [self._known[name] for name in sorted(self._known)]

    def settled(self) -> frozenset[str]:
        """The ids that need no further work: stored, or failed with a reason."""
        return frozenset(id for part in self.find() for id in part.contents.settled)

    def append(self, contents: Contents, data: bytes, *, whole: bool = False) -> Part:
        """Store one part, durably.

        A micro-batch is named by its ids, and one of the same ids that is there already stays. A ``whole`` table is
        named by its bytes, so that what an earlier, unfinished run left is no part of it.
        """
        name = sha256_hex(data if whole else "\n".join(sorted(contents.settled)))[:32] + self._suffix
        if self.storage.write_once(f"{self.folder}/{name}", data):
            part = Part(name=name, sha256=sha256_hex(data), bytes=len(data), contents=contents)
        else:
            part = self._look_at(name)
        self._known[name] = part
        return part

    def seal(self, ids: Sequence[str], parts: Sequence[Part] | None = None) -> Manifest:
        """Declare the asset complete with ``parts``; by default with those found or appended so far that hold ``ids``.

        StorageError if a row is unsettled, or if the asset is sealed with other rows.
        """
        if self.manifest() is None:
            wanted = frozenset(ids)
            known = [self._known[name] for name in sorted(self._known)] if parts is None else parts
            parts = [part for part in known if not wanted.isdisjoint(part.contents.settled)]
            unsettled = wanted.difference(*(part.contents.settled for part in parts))
            if unsettled:
                raise StorageError(
                    f"{self.asset} of batch {self.batch} lacks {len(unsettled)} of {len(ids)} rows: {min(unsettled)} …",
                    remedy="make the stage that computes it yield every row that it is asked for",
                )
            manifest = Manifest(asset=self.asset, batch=self.batch, ids=tuple(ids), parts=tuple(parts))
            self.storage.write_once(f"{self.folder}/{MANIFEST}", manifest.canonical().encode())
        sealed = self.sealed()
        if sealed.ids != tuple(ids):
            raise StorageError(
                f"{self.asset} of batch {self.batch} is sealed with other rows; nothing is overwritten",
                remedy="order the changed rows as a new batch",
            )
        return sealed

    def read(self, part: Part) -> bytes:
        """The bytes of a part. StorageError if they changed since they were stored."""
        data = self.storage.read(f"{self.folder}/{part.name}")
        if sha256_hex(data) != part.sha256:
            raise StorageError(
                f"{self.storage.root}/{self.folder}/{part.name} is damaged: its hash differs from the manifest's",
                remedy="restore the file from a backup, or order the same brief as a new batch",
            )
        return data

    def _look_at(self, name: str) -> Part:
        data = self.storage.read(f"{self.folder}/{name}")
        try:
            contents = self._describe(data)
        except Exception as error:  # whatever a format's reader raises, the file is the reason
            raise StorageError(
                f"{self.storage.root}/{self.folder}/{name} is damaged: {error}",
                remedy="delete that file and run the same batch again, which computes its rows anew",
            ) from error
        return Part(name=name, sha256=sha256_hex(data), bytes=len(data), contents=contents)
