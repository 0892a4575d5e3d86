"""The refinement pass of `genart run`, in a process of its own: the device never waits for a file to be compressed.

Run as ``python -m genart_assets.runner.delivery_worker``. It reads one JSON object a line on standard input
(``{"batch": key}``, at last ``{"end": true}``), delivers the batches in that order, and answers each with one line
(``{"batch": key, "problem": null}``). If it cannot work at all, its one line is ``{"refusal": why}``. When its input
ends without the last line, its parent has died, and so does it at once.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Iterable
from typing import TextIO

from genart_assets.errors import GenartError
from genart_assets.instance import process_settings
from genart_assets.instance.home import Home
from genart_assets.runner.execute import execute_batch
from genart_assets.runner.instance_errors import instance_explained
from genart_assets.runner.problems import one_line
from genart_assets.storage.locks import holder_of
from genart_assets.storage.root import Storage

NICENESS = 10
"""Where the models compute on this CPU too, they go first: deliveries are ready soon after the last image anyway."""
PREDECESSOR_SECONDS = 20.0
"""A worker whose parent was killed is about to end; so long its batch may still be locked."""


def _read_orders(lines: Iterable[str], orders: queue.Queue[str | None]) -> None:
    for line in lines:
        order = json.loads(line)
        if order.get("end"):
            orders.put(None)
            return
        orders.put(order["batch"])
    os._exit(1)


def _outlive_predecessor(storage: Storage, key: str) -> None:
    until = time.monotonic() + PREDECESSOR_SECONDS
    while holder_of(storage, key, asset="deliveries") and time.monotonic() < until:
        time.sleep(0.05)


def _deliver(orders: queue.Queue[str | None], answers: TextIO) -> None:
    home = Home.open()
    storage = Storage.open(home.storage_root)
    with instance_explained(home), home.instance() as instance:
        while (key := orders.get()) is not None:
            _outlive_predecessor(storage, key)
            problem = execute_batch("deliver", key, instance)
            print(json.dumps({"batch": key, "problem": problem}), file=answers, flush=True)


def main() -> None:
    orders: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read_orders, args=(sys.stdin, orders), daemon=True).start()
    os.nice(NICENESS)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        _deliver(orders, answers)
        process_settings.end()
    except GenartError as error:
        print(json.dumps({"refusal": one_line(error)}), file=answers, flush=True)
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
