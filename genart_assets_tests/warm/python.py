"""An interpreter for tests to start our processes with: they find their imports done."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "GENART_TEST_WARM_PYTHON"
SERVER, LAUNCHER = (Path(__file__).parent / name for name in ("server.py", "launch.py"))


def warm_python() -> str:
    """The session's, for ``-m`` and ``-c``; outside of a session, and for what it cannot do, Python itself."""
    return os.environ.get(VARIABLE, sys.executable)


@contextmanager
def warm_python_served() -> Iterator[dict[str, str]]:
    """The environment in which ``warm_python`` finds it; nothing is imported before it is first used."""
    with tempfile.TemporaryDirectory(prefix="genart-warm-") as folder, socket.socket(socket.AF_UNIX) as listener:
        python, address = Path(folder, "python"), Path(folder, "socket")
        command = shlex.join([sys.executable, "-IS", str(LAUNCHER), str(python), str(address)])
        python.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        python.chmod(0o755)
        listener.bind(str(address))
        listener.listen(64)
        serve = [sys.executable, SERVER, str(listener.fileno())]
        with subprocess.Popen(serve, stdin=subprocess.PIPE, pass_fds=[listener.fileno()]) as server:
            assert server.stdin
            yield {VARIABLE: str(python)}
            server.stdin.close()
