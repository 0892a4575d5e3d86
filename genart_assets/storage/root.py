"""The storage: named bytes below one root, on a local disk or in S3, durable before they are announced."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from genart_assets.errors import InputError, StorageError
from genart_assets.storage.local_files import TEMP_PREFIX, LocalFiles
from genart_assets.storage.remedies import explained
from genart_assets.storage.s3_files import S3Files

if TYPE_CHECKING:
    from upath import UPath


class Files(Protocol):
    """What a kind of storage must do. Names are checked, relative, with ``/``; failures are OSError or botocore's."""

    root: UPath

    def read(self, rel: str) -> bytes: ...
    def size(self, rel: str) -> int | None: ...
    def write_once(self, rel: str, data: bytes) -> bool: ...
    def replace(self, rel: str, data: bytes) -> None: ...
    def names(self, rel: str) -> list[str]: ...
    def delete(self, rel: str) -> None: ...


class Storage:
    """Named bytes below one root. Safe to share between threads; processes see each other's files at once.

    Every method raises InputError for a name that leaves the root and StorageError, with the remedy, for what the
    disk or S3 refuses. Links that an operator laid inside the root are followed.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self.root: str = str(files.root)

    @classmethod
    def open(cls, root: str) -> Storage:
        """The storage at a local path or at ``s3://bucket/prefix``. Nothing is created or asked before first use."""
        if root.startswith("s3://"):
            return cls(S3Files(root))
        if "://" in root:
            raise InputError(f"storage {root!r} is of an unknown kind", remedy="give a path or s3://bucket/prefix")
        return cls(LocalFiles(Path(root).expanduser().absolute()))

    @property
    def is_local(self) -> bool:
        return isinstance(self._files, LocalFiles)

    def path(self, rel: str) -> UPath:
        """Where ``rel`` lies, whether or not it exists."""
        return self._files.root.joinpath(checked(rel))

    def read(self, rel: str) -> bytes:
        with explained(f"read {self.root}/{rel}"):
            return self._files.read(checked(rel))

    def size(self, rel: str) -> int | None:
        """Bytes of the file; None if there is none."""
        with explained(f"look up {self.root}/{rel}"):
            return self._files.size(checked(rel))

    def exists(self, rel: str) -> bool:
        """Whether ``rel`` is a file; folders are not asked for."""
        return self.size(rel) is not None

    def write_once(self, rel: str, data: bytes) -> bool:
        """Store ``data`` under a free name, durably. False, and nothing written, if the name is taken."""
        with explained(f"write {self.root}/{rel}"):
            return self._files.write_once(checked(rel), data)

    def replace(self, rel: str, data: bytes) -> None:
        """Store ``data`` in place of what was there, durably; readers see the old or the new. For small markers."""
        with explained(f"write {self.root}/{rel}"):
            self._files.replace(checked(rel), data)

    def names(self, rel: str) -> list[str]:
        """Names of the files directly in the folder ``rel``, sorted; none if the folder is missing."""
        with explained(f"list {self.root}/{rel}"):
            return sorted(self._files.names(checked(rel)))

    def move(self, rel: str, new_rel: str) -> None:
        """Give a file another name, durably. StorageError if that name is taken by other bytes."""
        data = self.read(rel)
        if not self.write_once(new_rel, data) and self.read(new_rel) != data:
            raise StorageError(
                f"cannot move {self.root}/{rel}: {new_rel} is there already", remedy="choose another name"
            )
        self.delete(rel)

    def delete(self, rel: str) -> None:
        """Remove a file, if it is there."""
        with explained(f"delete {self.root}/{rel}"):
            self._files.delete(checked(rel))

    def __repr__(self) -> str:
        return f"Storage({self.root!r})"


def checked(rel: str) -> str:
    """``rel`` itself, if it is a plain relative name below a root: InputError otherwise."""
    if "\0" in rel or any(part in ("", ".", "..") or part.startswith(TEMP_PREFIX) for part in rel.split("/")):
        raise InputError(
            f"{rel!r} is not a name inside the storage",
            remedy="use a relative name with '/', without '..' and empty parts",
        )
    return rel
