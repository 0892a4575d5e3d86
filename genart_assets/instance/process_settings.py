"""Sets options of the rendering process that change its speed but not its bits."""

from __future__ import annotations

import gc
import os

SPIN_COUNT = ("GOMP_SPINCOUNT", "1000")
"""Number of turns that the threads of an operator spin before they sleep. With the default of 300,000, a UNet on the
CPU is up to ten times slower as soon as another process uses the same cores. With 1,000 it still has half of its speed
then, and 96 % alone."""
COLLECT_AFTER = (100_000, 20, 50)
"""Thresholds of Python's garbage collector. With the default, it spends a tenth of the time to the first image on the
objects of imports, where there is no garbage."""


def environment() -> dict[str, str]:
    """Variables for a rendering process; empty if the user's environment sets how threads wait."""
    name, turns = SPIN_COUNT
    return {} if name in os.environ or "OMP_WAIT_POLICY" in os.environ else {name: turns}


def begin() -> None:
    """Set the options, unless the environment sets them; call this before torch is imported."""
    os.environ.update(environment())
    gc.set_threshold(*COLLECT_AFTER)


def end() -> None:
    """Prepare a fast exit: without this, Python inspects every object for three seconds."""
    gc.freeze()
