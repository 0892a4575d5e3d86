"""One fixed micro-batch shape for each size and device: a row meets the same kernels whatever its neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import torch

T = TypeVar("T")

ROWS = {
    "cpu": ((128 * 128, 16), (256 * 256, 8), (512 * 512, 2)),
    "cuda": ((128 * 128, 64), (512 * 512, 16), (1024 * 1024, 4)),
}
"""Device type to (most pixels of an image, rows). `genart doctor` measures candidates; a change changes bits."""


def micro_batch_rows(device: str, width: int, height: int) -> int:
    """Rows of one model call for pictures of ``width × height`` px: fixed, also where fewer rows are left."""
    for most_pixels, rows in ROWS[device]:
        if width * height <= most_pixels:
            return rows
    return 1


def chunks(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def padded(rows: Sequence[T], size: int) -> list[T]:
    """The rows, with the first repeated up to ``size``: padding meets the same kernels and is thrown away."""
    return [*rows, *[rows[0]] * (size - len(rows))]


def pad_tensor(rows: torch.Tensor, size: int) -> torch.Tensor:
    """``[n, ...]`` to ``[size, ...]``, the first row repeated."""
    import torch

    missing = size - rows.shape[0]
    return rows if missing == 0 else torch.cat([rows, rows[:1].expand(missing, *rows.shape[1:])])
