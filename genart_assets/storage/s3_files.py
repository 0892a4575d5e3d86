"""Durable files in S3: one completed put each, nothing remembered between calls."""

from __future__ import annotations

import os
from typing import cast

_ONE_PUT = 2**31  # bytes; s3fs splits what is larger than twice this


class S3Files:
    """Objects below ``s3://bucket/prefix``; keys and address come from the environment, as botocore reads it.

    s3fs's listing cache is off, so that other processes' objects are seen. A name is taken by a conditional put
    (``If-None-Match: *``). S3 lets one of several simultaneous writers win; OpenStack Swift was seen to let more, and
    the last one's bytes stay.
    """

    def __init__(self, root: str) -> None:
        from upath import UPath

        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None
        self.root = UPath(root.rstrip("/"), endpoint_url=endpoint, use_listings_cache=False)
        self._root = self.root.path.rstrip("/")
        self._fs = self.root.fs

    def read(self, rel: str) -> bytes:
        return cast(bytes, self._fs.cat_file(f"{self._root}/{rel}"))

    def size(self, rel: str) -> int | None:
        try:
            info = self._fs.info(f"{self._root}/{rel}", refresh=True)
        except FileNotFoundError:
            return None
        return int(info["size"]) if info["type"] == "file" else None

    def write_once(self, rel: str, data: bytes) -> bool:
        while True:
            try:
                self._fs.pipe_file(f"{self._root}/{rel}", data, chunksize=_ONE_PUT, mode="create")
            except FileExistsError:
                return False
            except OSError as error:
                refusal = _code(error)
                if refusal in ("PreconditionFailed", "412"):
                    return False
                if refusal != "ConditionalRequestConflict":  # S3's word for: somebody writes it now, try again
                    raise
            else:
                return True

    def replace(self, rel: str, data: bytes) -> None:
        self._fs.pipe_file(f"{self._root}/{rel}", data, chunksize=_ONE_PUT)

    def names(self, rel: str) -> list[str]:
        folder = f"{self._root}/{rel}/"
        below = (found.removeprefix(folder) for found in self._fs.find(folder))
        return [name for name in below if name and "/" not in name]

    def delete(self, rel: str) -> None:
        self._fs.rm_file(f"{self._root}/{rel}")


def _code(error: OSError) -> str | None:
    """The server's own word for a refusal that s3fs raised as an OSError."""
    from botocore.exceptions import ClientError

    cause = error.__cause__
    return cause.response["Error"]["Code"] if isinstance(cause, ClientError) else None
