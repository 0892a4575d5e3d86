"""Writes into a run's tags which process works on it, and checks whether that process still exists."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

HOST_TAG = "genart/host"
PID_TAG = "genart/pid"
STARTED_TAG = "genart/pid_started"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def process_tags() -> dict[str, str]:
    """Run tags that identify this process, even after its pid is reused or the machine restarts."""
    pid = os.getpid()
    return {HOST_TAG: socket.gethostname(), PID_TAG: str(pid), STARTED_TAG: _started(pid) or ""}


def is_dead(tags: Mapping[str, str]) -> bool:
    """Whether the process in the tags is certainly gone.

    False if that cannot be known: there are no such tags, or the process is on another machine.
    """
    if tags.get(HOST_TAG) != socket.gethostname() or not tags.get(PID_TAG, "").isdecimal():
        return False
    return _started(int(tags[PID_TAG])) != tags.get(STARTED_TAG)


def _started(pid: int) -> str | None:
    """The start of a process, in a form that no two processes share; None if it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None if BOOT_ID.exists() else _started_without_proc(pid)
    except ProcessLookupError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else f"{BOOT_ID.read_text(encoding='ascii').strip()}:{fields[18]}"


def _started_without_proc(pid: int) -> str | None:
    import subprocess

    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None
