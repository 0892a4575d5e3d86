"""The refinement pass of `genart run`, in a process of its own: the device never waits for a file to be compressed.

Run as ``python -m genart_assets.runner.delivery_worker``. It reads one JSON object a line on standard input
(``{"batch": key}``, at last ``{"end": true}``), delivers the batches in that order, and answers each with one line
(``{"batch": key, "problem": null}``). When its input ends without the last line, its parent has died, and so does it
at once.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Iterable

from genart_assets.instance.home import Home
from genart_assets.runner.execute import execute_batch


def _read_orders(lines: Iterable[str], orders: queue.Queue[str | None]) -> None:
    for line in lines:
        order = json.loads(line)
        if order.get("end"):
            orders.put(None)
            return
        orders.put(order["batch"])
    os._exit(1)


def main() -> None:
    orders: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read_orders, args=(sys.stdin, orders), daemon=True).start()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with Home.open().instance() as instance:
        while (key := orders.get()) is not None:
            problem = execute_batch("deliver", key, instance)
            print(json.dumps({"batch": key, "problem": problem}), file=answers, flush=True)


if __name__ == "__main__":
    main()
