"""Two processes that train together, as torchrun starts them, on this machine."""

from __future__ import annotations

import os
import socket


def two_ranks() -> list[dict[str, str]]:
    """The environment of each, with a port that was free just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {**os.environ, "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return [{**shared, "RANK": str(rank)} for rank in range(2)]
