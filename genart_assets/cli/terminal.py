"""Reserves standard output for the answer of a command; everything else goes to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def standard_output_reserved() -> Generator[None]:
    """Inside the block, whatever a library prints goes to standard error."""
    sys.stdout.flush()
    original = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(original, 1)
        os.close(original)


@contextmanager
def standard_error_console() -> Generator[Console]:
    """A console on the present standard error, since Dagster redirects the descriptor to its logs during a run."""
    with os.fdopen(os.dup(2), "w") as file:
        yield Console(file=file, highlight=False)
