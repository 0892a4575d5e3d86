"""The refinement pass of `genart run`, in a process of its own: the device never waits for a file to be compressed.

Run as ``python -m genart_assets.runner.delivery_worker``; it reads and answers what `worker` does.
"""

from __future__ import annotations

import os

from genart_assets.runner.worker import work

NICENESS = 10
"""Where the models compute on this CPU too, they go first: deliveries are ready soon after the last image anyway."""


if __name__ == "__main__":
    os.nice(NICENESS)
    work("deliver")
