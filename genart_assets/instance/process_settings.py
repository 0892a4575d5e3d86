"""Switches of the process that renders: they change its speed, never its bits."""

from __future__ import annotations

import gc
import os

SPIN_COUNT = ("GOMP_SPINCOUNT", "1000")
"""Turns that the threads of one operator spin while they wait for each other, before they sleep. By default 300,000:
then a UNet on the CPU gets up to ten times slower as soon as one other process wants the same cores. With 1,000 it
keeps half of its speed there, and 96 % where it is alone."""
COLLECT_AFTER = (100_000, 20, 50)
"""Thresholds of Python's garbage collector: by default a tenth of the time to the first image goes into looking for
garbage among what the imports make, in vain."""


def environment() -> dict[str, str]:
    """Variables for a process that will render; empty where the user's own say how threads wait."""
    name, turns = SPIN_COUNT
    return {} if name in os.environ or "OMP_WAIT_POLICY" in os.environ else {name: turns}


def begin() -> None:
    """To be called before torch is imported; a wish in the environment is respected."""
    os.environ.update(environment())
    gc.set_threshold(*COLLECT_AFTER)


def end() -> None:
    """The process is about to exit: its memory goes back at once, without looking at every object for three seconds."""
    gc.freeze()
