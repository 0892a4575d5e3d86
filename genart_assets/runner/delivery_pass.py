"""The parent's end of the delivery worker: hands it batches, hears what became of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable


class DeliveryPass:
    """Delivers batches in a process of its own, one after the other, while the caller goes on rendering.

    ``answered`` is called with each batch's key and its problem, or None where all went well, from a thread of its own.
    """

    def __init__(self, environment: dict[str, str], answered: Callable[[str, str | None], None]) -> None:
        self._answered = answered
        self._open: list[str] = []
        self._refusal = ""
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "genart_assets.runner.delivery_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            text=True,
            start_new_session=True,  # a Ctrl-C in the terminal reaches the parent, which decides
        )
        self._listener = threading.Thread(target=self._listen, name="deliveries", daemon=True)
        self._listener.start()

    def send(self, key: str) -> None:
        self._open.append(key)
        self._write({"batch": key})

    def finish(self) -> None:
        """Wait until every batch that was sent is answered; a worker that died is the answer to all that were left."""
        self._write({"end": True})
        self._listener.join()
        status = self._worker.wait()
        for key in self._open:
            why = self._refusal or f"the delivery process ended with status {status}"
            self._answered(key, f"{key}: not delivered: {why}; run the same command again, what is stored is kept")

    def stop(self) -> None:
        """End the worker at once, in the middle of a file if need be: nothing half-written is ever seen."""
        self._worker.kill()
        self._worker.wait()

    def _write(self, order: dict[str, object]) -> None:
        assert self._worker.stdin
        try:
            print(json.dumps(order), file=self._worker.stdin, flush=True)
        except BrokenPipeError:
            return  # the worker is dead: `finish` tells

    def _listen(self) -> None:
        assert self._worker.stdout
        for line in self._worker.stdout:
            answer = json.loads(line)
            if "refusal" in answer:
                self._refusal = answer["refusal"]
                continue
            self._open.remove(answer["batch"])
            self._answered(answer["batch"], answer["problem"])
