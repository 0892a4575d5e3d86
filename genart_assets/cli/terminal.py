"""Standard output carries the answer and nothing else; what is said meanwhile goes to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def standard_output_reserved() -> Generator[None]:
    """While inside, whatever any library prints goes to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def standard_error_console() -> Generator[Console]:
    """A console on standard error as it is now: Dagster turns the descriptor to its logs while it executes a run."""
    with os.fdopen(os.dup(2), "w") as file:
        yield Console(file=file, highlight=False)
