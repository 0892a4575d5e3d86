"""Tensors just written are handed to the next reader of this process without leaving the device."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

BUDGET = 256 * 2**20  # bytes

Key = tuple[str, str, str, str]
"""Storage root, asset, batch, part."""


class Handoff:
    """The latest parts, at most ``budget`` bytes of them; the least recently used go first."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._lock = Lock()
        self._parts: OrderedDict[Key, Mapping[str, torch.Tensor]] = OrderedDict()

    def offer(self, key: Key, tensors: Mapping[str, torch.Tensor]) -> None:
        """Keep ``tensors`` for a reader. Nobody may write to them any more."""
        with self._lock:
            self._parts[key] = tensors
            self._parts.move_to_end(key)
            while self._parts and self._bytes() > self._budget:
                self._parts.popitem(last=False)

    def get(self, key: Key) -> Mapping[str, torch.Tensor] | None:
        with self._lock:
            if key in self._parts:
                self._parts.move_to_end(key)
            return self._parts.get(key)

    def clear(self) -> None:
        with self._lock:
            self._parts.clear()

    def _bytes(self) -> int:
        return sum(t.nbytes for tensors in self._parts.values() for t in tensors.values())


handoff = Handoff()
