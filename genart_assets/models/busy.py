"""How long this process has spent inside model calls, by kind of call."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager

_seconds: defaultdict[str, float] = defaultdict(float)


@contextmanager
def model_call(kind: str) -> Generator[None]:
    """Measures one model call; ``kind`` is encode, denoise, decode or critic."""
    began = time.perf_counter()
    try:
        yield
    finally:
        _seconds[kind] += time.perf_counter() - began


def model_seconds() -> dict[str, float]:
    """Seconds spent so far in each kind of call. On CUDA a call ends when its result is asked for, not before."""
    return dict(_seconds)
