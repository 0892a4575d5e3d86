"""Runs Dagit and the Dagster daemon as two processes on one home until somebody stops them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dagster import DagsterRunStatus, RunsFilter

from genart_assets.errors import GenartError, InputError
from genart_assets.instance import process_settings
from genart_assets.instance.home import Home
from genart_assets.instance.orphans import sweep

DEFINITIONS = "genart_assets.definitions"
START_SECONDS = 180
STOP_SECONDS = 20
SWEEP_SECONDS = 10


@dataclass(frozen=True)
class Server:
    """A process in a session of its own, so that Ctrl-C in the terminal does not reach it."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def require_alive(self) -> None:
        """Raise GenartError, with the last lines of the log, if the process has ended."""
        code = self.process.poll()
        if code is not None:
            raise GenartError(
                f"{self.name} ended by itself with exit code {code}\n{_last_lines(self.log)}",
                remedy=f"read its whole output in {self.log}, or check the machine with `genart doctor`",
            )


def serve(home: Home, host: str, port: int, announce: Callable[[str], None], module: str = DEFINITIONS) -> int:
    """Run Dagit and the daemon on ``home`` until SIGINT, SIGTERM or SIGHUP, then stop both.

    ``announce`` gets the address once Dagit answers. Port 0 is any free port. Meanwhile, runs whose process died are
    reported as failed. Returns the number of unfinished runs: those that the daemon launched continue until they end.

    Raises:
        InputError: the port is taken, or ``host`` is not an address of this machine.
        GenartError: one of the two ended by itself, or Dagit does not answer.
    """
    port = _free_port(host, port)
    with _stop_signals() as stop, home.instance() as instance, ExitStack() as stack:
        environment = {**os.environ, **home.environment, **process_settings.environment()}
        commands = {
            "dagster-webserver": ["-h", host, "-p", str(port), "-m", module],
            "dagster-daemon": ["run", "-m", module],
        }
        servers = [
            stack.enter_context(_running(home, name, arguments, environment)) for name, arguments in commands.items()
        ]
        address = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"
        _await_answer(address, servers, stop)
        if not stop.is_set():
            announce(address)
        next_sweep = time.monotonic()
        while not stop.wait(0.5):
            for server in servers:
                server.require_alive()
            if time.monotonic() >= next_sweep:
                sweep(instance)
                next_sweep = time.monotonic() + SWEEP_SECONDS
        return len(instance.get_runs(filters=RunsFilter(statuses=[DagsterRunStatus.STARTED])))


def _free_port(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family) as listener:
            return listener.getsockname()[1]
    except OSError as error:
        raise InputError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}",
            remedy="choose another one with --port (0 takes any free port) or --host, or end the program that uses it",
        ) from error


@contextmanager
def _stop_signals() -> Generator[threading.Event]:
    stop = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _running(home: Home, name: str, arguments: Sequence[str], environment: dict[str, str]) -> Generator[Server]:
    log = home.path / "logs" / f"{name}.log"
    log.parent.mkdir(exist_ok=True)
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [_program(name), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Server(name, process, log)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to stop, wait, then kill it. Its code server ends later, when it has no run."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _program(name: str) -> str:
    """The path of a script that another package installs."""
    places = [str(Path(sys.executable).parent), sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise GenartError(f"{name} is not installed", remedy="pip install genart-assets, which includes it")
    return found


def _await_answer(address: str, servers: Sequence[Server], stop: threading.Event) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not stop.wait(0.1):
        for server in servers:
            server.require_alive()
        if _answers(address):
            return
        if time.monotonic() > deadline:
            raise GenartError(
                f"Dagit does not answer on {address} after {START_SECONDS} s\n{_last_lines(servers[0].log)}",
                remedy=f"read its whole output in {servers[0].log}",
            )


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/server_info", timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _last_lines(log: Path, count: int = 12) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
