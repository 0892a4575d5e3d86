"""Writes pictures and scores of one batch, and kills itself at a given point: ``ROOT LOG STORE MOMENT COUNT``.

Each announced count of rows is appended to LOG. MOMENT is ``compute`` (before micro-batch COUNT is computed), ``sync``
(before the COUNT-th file is synced), ``name`` (before it gets its name) or ``announced`` (after announcement COUNT).
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from genart_assets.storage.images import ImageStore
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets_tests.storage.rows import IDS, Rows


def killed_at(count: int, then: Callable[..., Any] | None = None) -> Callable[..., Any]:
    calls = iter(range(10**6))

    def call(*args: Any, **options: Any) -> Any:
        if next(calls) == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return then(*args, **options) if then else None

    return call


def main(root: str, log: str, store: str, moment: str, count: int) -> None:
    rows = Rows(ids=IDS)
    announced = killed_at(count) if moment == "announced" else lambda: None
    if moment == "sync":
        os.fsync = killed_at(count, os.fsync)
    if moment == "name":
        os.link = killed_at(count, os.link)
    computing = killed_at(count) if moment == "compute" else lambda: None
    storage = Storage.open(root)
    stored = ImageStore(storage, "b") if store == "images" else TableStore(storage, "critic_scores", "b")
    stream = rows.pictures() if store == "images" else rows.tables()

    def compute(missing):
        for micro_batch in stream.compute(missing):
            computing()
            yield micro_batch

    def progress(done: int, total: int) -> None:
        with open(log, "a") as file:
            file.write(f"{done}\n")
        announced()

    stored.write(type(stream)(stream.ids, compute), progress)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(*sys.argv[1:5], int(sys.argv[5]))
