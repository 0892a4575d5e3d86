"""Turns what the operating system or S3 refused into an error with a remedy."""

from __future__ import annotations

import errno
from collections.abc import Generator
from contextlib import contextmanager

from genart_assets.errors import StorageError

_REMEDIES = {
    errno.ENOSPC: "The disk is full: free space or choose another storage (GENART_STORAGE), then run the same again.",
    errno.EDQUOT: "Your disk quota is used up: free space or choose another storage, then run the same again.",
    errno.EROFS: "The disk is mounted read-only: choose a writable storage (GENART_STORAGE or GENART_HOME).",
    errno.EACCES: "Check the permissions, or the access key and secret of the S3 storage.",
    errno.EPERM: "Check the permissions, and that the file system knows hard links.",
    errno.ENOENT: "Check that the storage root (or the S3 bucket) exists and that nothing removed files from it.",
    errno.ENOTDIR: "A file stands where a folder is needed: move it away or choose another storage.",
    errno.EIO: "The disk reports damage: move the storage to a sound one.",
    errno.EMFILE: "Too many open files: raise the limit (ulimit -n).",
}


def storage_error(error: Exception, doing: str) -> StorageError:
    """The StorageError for ``error``, met while ``doing`` (for example ``write s3://studio/pixels/00/…``)."""
    number = error.errno if isinstance(error, OSError) else None
    if number is None and isinstance(error, PermissionError):
        number = errno.EACCES
    if number is None and isinstance(error, FileNotFoundError):
        number = errno.ENOENT
    remedy = _REMEDIES.get(number or 0, "Check that the storage is reachable and its address and keys are right.")
    said = str(error) or type(error).__name__
    return StorageError(f"cannot {doing}: {said}", remedy=remedy)


@contextmanager
def explained(doing: str) -> Generator[None]:
    """Raises every failure of the disk or of S3 inside the block as StorageError."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) or type(error).__module__.startswith("botocore."):
            raise storage_error(error, doing) from error
        raise
