"""Streams of small rows for the stores: which rows were computed is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from genart_assets.records.streams import MicroBatch, RowStream

if TYPE_CHECKING:
    import torch

Data = TypeVar("Data")
IDS = tuple(f"r{i:02d}" for i in range(10))
POISON = "r03"


class Rows:
    """Makes streams in micro-batches of 4; row ``POISON`` fails. The stage may be told to fail at a micro-batch."""

    def __init__(self, fail_after: int | None = None, ids: tuple[str, ...] = IDS) -> None:
        self.ids = ids
        self.computed: list[str] = []
        self._fail_after = fail_after

    def tensors(self) -> RowStream[Mapping[str, torch.Tensor]]:
        import torch

        return self._stream(
            lambda ids: {
                "latents": torch.stack([torch.full((2, 3), number(id)) for id in ids]) if ids else torch.empty(0, 2, 3),
                "half": torch.tensor([[number(id)] for id in ids], dtype=torch.bfloat16).reshape(-1, 1),
            }
        )

    def pictures(self) -> RowStream[npt.NDArray[np.uint8]]:
        return self._stream(
            lambda ids: np.stack([picture(id) for id in ids]) if ids else np.empty((0, 8, 8, 3), np.uint8)
        )

    def tables(self) -> RowStream[pd.DataFrame]:
        return self._stream(scores)

    def _stream(self, make: Callable[[Sequence[str]], Data]) -> RowStream[Data]:
        def compute(missing: Sequence[str]) -> Iterator[MicroBatch[Data]]:
            for k, start in enumerate(range(0, len(missing), 4)):
                if k == self._fail_after:
                    raise RuntimeError("out of memory")
                asked = missing[start : start + 4]
                self.computed.extend(asked)
                ids = tuple(id for id in asked if id != POISON)
                yield MicroBatch(ids, make(ids), {id: "not finite" for id in asked if id == POISON})

        return RowStream(self.ids, compute)


def number(id: str) -> float:
    return float(id[1:])


def picture(id: str) -> npt.NDArray[np.uint8]:
    """``uint8 [8, 8, 3]``; different for every id."""
    return np.random.default_rng(int(id[1:])).integers(0, 256, (8, 8, 3), dtype=np.uint8)


def scores(ids: Sequence[str]) -> pd.DataFrame:
    """Two critics a row, in the columns of schemas.CRITIC_SCORES."""
    lines = [
        (id, critic, number(id), "unit", "higher", "1", None) for id in ids for critic in ("sharpness", "contrast")
    ]
    return pd.DataFrame(lines, columns=["recipe_id", "critic", "score", "unit", "direction", "version", "reason"])


def assert_same_lines(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal values in equal order; null is null, whatever pandas calls it."""
    found, expected = (frame.astype(object).where(frame.notna(), None) for frame in (found, expected))
    pd.testing.assert_frame_equal(found, expected)
