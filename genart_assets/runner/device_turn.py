"""Foreground runs of one home take turns at the device, batch by batch."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager

import dagster as dg

from genart_assets.instance.home import GPU_POOL, Home
from genart_assets.instance.orphans import sweep


@contextmanager
def device_turn(home: Home, instance: dg.DagsterInstance) -> Generator[None]:
    """Wait for a slot of pool gpu among the foreground runs of this machine, and hold it.

    Dagster's pool would do, but a run that waits for it spins on a core and does not hear Ctrl-C. The kernel gives the
    turn of a killed process back; its runs are swept, so that they hold no slot of the pool.
    """
    slots = {limit.name: limit.limit for limit in instance.event_log_storage.get_pool_limits()}.get(GPU_POOL, 1)
    with open(home.dagster_dir / f".{GPU_POOL}.{os.getpid() % max(slots, 1)}", "wb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        sweep(instance)
        yield
