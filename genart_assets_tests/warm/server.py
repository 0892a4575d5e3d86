"""Forks processes whose imports are done, for ``launch.py``: ``python server.py LISTENER``, which ends with its input.

A process of ours costs seconds of imports before it does anything. Here they are paid once a test session: each process
that is asked for is a fork with its own arguments, environment, directory and standard streams, and ends as any other.
An environment that the imports would have read differently is refused.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import traceback
from typing import Any

IMPORTS = (
    "alembic.command",
    "dagster._core.execution.execute_in_process",
    "dagster._core.executor.in_process",
    "diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion",
    "genart_assets.cli.run_progress",
    "genart_assets.definitions",
    "genart_assets.runner.run_briefs",
    "great_expectations",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
)
READ_BY_IMPORTS = ("CUDA", "GOMP_", "HF_", "LD_", "MKL_", "OMP_WAIT", "PYTHON", "TORCH", "TRANSFORMERS_")


def serve(listener: socket.socket) -> dict[str, Any]:
    """Answer until standard input ends. Returns only in a process that was asked for: what it is to do."""
    before: dict[str, str] = {}
    with selectors.DefaultSelector() as waiting:
        waiting.register(sys.stdin, selectors.EVENT_READ)
        waiting.register(listener, selectors.EVENT_READ)
        while sys.stdin not in (ready := [key.fileobj for key, _ in waiting.select()]):
            for ended in {waiting.get_key(one).data for one in ready} - {None}:
                end(*ended, waiting)
            if listener in ready:
                connection, _ = listener.accept()
                before = before or prepare()
                if request := attend(connection, before, waiting):
                    return request
    raise SystemExit


def prepare() -> dict[str, str]:
    """Import what nearly all of our processes import, without a thread started or a number computed.

    Returns the environment that the imports found.
    """
    from genart_assets.cli.commands import TELEMETRY_OFF

    before = dict(os.environ)
    os.environ.update(TELEMETRY_OFF)
    for name in IMPORTS:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    return before


def attend(connection: socket.socket, before: dict[str, str], waiting: selectors.BaseSelector) -> dict[str, Any] | None:
    """Start the process that a connection asks for; it alone gets what it is to do."""
    length, streams, _, _ = socket.recv_fds(connection, 8, 3)
    request = json.loads(connection.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL))
    pid = None if would_import_differently(request["environment"], before) else os.fork()
    if pid == 0:
        connection.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        return request
    for stream in streams:
        os.close(stream)
    if pid is None:
        connection.sendall(b"cold\n")
        connection.close()
        return None
    connection.sendall(f"{pid}\n".encode())
    process = pid, os.pidfd_open(pid), connection
    for one in process[1:]:
        waiting.register(one, selectors.EVENT_READ, process)
    return None


def would_import_differently(environment: dict[str, str], before: dict[str, str]) -> bool:
    """Whether it has other values than this process had before its imports, or has after them."""
    names = {name for name in {**environment, **before, **os.environ} if name.startswith(READ_BY_IMPORTS)}
    return any(environment.get(name) not in (before.get(name), os.environ.get(name)) for name in names)


def end(pid: int, ended: int, connection: socket.socket, waiting: selectors.BaseSelector) -> None:
    """Say how a process has ended; one whose launcher is gone is killed."""
    for one in (ended, connection):
        waiting.unregister(one)
    signal.pidfd_send_signal(ended, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        connection.sendall(f"{status}\n".encode())
    except BrokenPipeError:
        pass
    finally:
        os.close(ended)
        connection.close()


def become(request: dict[str, Any]) -> int:
    """Be it, ``-m MODULE`` or ``-c PROGRAM`` with its arguments, as the interpreter would; returns the status."""
    os.setpgid(0, 0)
    os.chdir(request["directory"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.executable = request["executable"]
    option, what, *arguments = request["arguments"]
    sys.argv = [option, *arguments]
    sys.path[0] = request["directory"] if option == "-m" else ""
    try:
        if option == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
    except SystemExit as told:
        if isinstance(told.code, int) or told.code is None:
            return told.code or 0
        print(told.code, file=sys.stderr)
        return 1
    except BaseException:  # noqa: BLE001 as the interpreter does
        traceback.print_exc()
        return 1
    return 0


def leave() -> None:
    """What ``atexit`` calls last: memory that all forks share is not looked at object by object."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    status = 0
    atexit.register(leave)
    status = become(serve(socket.socket(fileno=int(sys.argv[1]))))
