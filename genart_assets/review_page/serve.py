"""Runs the review page as a server: makes its token, opens its port, and stops at a signal."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import uvicorn

from genart_assets.errors import InputError, StorageError
from genart_assets.review_page.access import Access

TOKEN_BYTES = 32


def token_of(home: Path) -> str:
    """The home's token, made at first use in ``review/token``, which only its owner can read.

    It stays the same after a restart of the server, so that open pages can continue. To end the access of all pages,
    delete the file.

    Raises:
        StorageError: the file cannot be written, or does not hold a token.
    """
    path = home / "review" / "token"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(TOKEN_BYTES))
        path.chmod(0o600)
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"{path}: {error}", remedy="make the file writable for you, or delete it") from error
    if len(token) < TOKEN_BYTES:
        raise StorageError(f"{path} does not hold a token", remedy="delete the file to have a new token made")
    return token


def listener_on(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is any free one.

    Raises:
        InputError: the port is taken, or ``host`` is not an address of this machine.
    """
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128
        )
    except OSError as error:
        raise InputError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}",
            remedy="choose another one with --port (0 takes any free port) or --host, or end the program that uses it",
        ) from error


def address_of(listener: socket.socket) -> str:
    """The page's address, for a browser on this machine."""
    name = listener.getsockname()
    host, port = str(name[0]), int(name[1])
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(app: Access, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP; call ``announce`` when the page can be opened."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", server_header=False)
    server = uvicorn.Server(config)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    # uvicorn stops at the first two and raises them again at its end, for these handlers.
    before = {number: signal.signal(number, lambda *_: setattr(server, "should_exit", True)) for number in numbers}
    try:
        announce()
        server.run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write_once(path: Path, text: str) -> None:
    handle, temp = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(temp, path)
    except FileExistsError:
        pass  # another server was faster
    finally:
        os.unlink(temp)
