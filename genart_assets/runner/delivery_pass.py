"""The parent's end of the delivery worker: hands it batches, hears what became of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable

from genart_assets.errors import GenartError


class DeliveryPass:
    """Delivers batches in a process of its own, one after the other, while the caller goes on rendering.

    ``answered`` is called from a thread of its own with each batch's key and its problem, or None where all went well.
    """

    def __init__(self, environment: dict[str, str], answered: Callable[[str, str | None], None]) -> None:
        self._answered = answered
        self._open: set[str] = set()
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "genart_assets.runner.delivery_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def send(self, key: str) -> None:
        self._open.add(key)
        self._write({"batch": key})

    def finish(self) -> None:
        """Waits until every batch that was sent is answered.

        Raises:
            GenartError: the worker died before that.
        """
        self._write({"end": True})
        self._listener.join()
        status = self._worker.wait()
        if self._open:
            raise GenartError(
                f"the delivery process ended with status {status}, with {len(self._open)} batches undelivered",
                remedy="run the same command again: what is stored is kept",
            )

    def stop(self) -> None:
        """Ends the worker at once, in the middle of a file if need be: nothing half-written is ever seen."""
        self._worker.kill()
        self._worker.wait()

    def _write(self, order: dict[str, object]) -> None:
        assert self._worker.stdin
        try:
            print(json.dumps(order), file=self._worker.stdin, flush=True)
        except BrokenPipeError:
            return

    def _listen(self) -> None:
        assert self._worker.stdout
        for line in self._worker.stdout:
            answer = json.loads(line)
            self._open.discard(answer["batch"])
            self._answered(answer["batch"], answer["problem"])
