"""Rows in motion: micro-batches of a batch, on their way from a stage to a store or back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Data = TypeVar("Data", covariant=True)


@dataclass(frozen=True)
class MicroBatch(Generic[Data]):
    """Some rows that were computed together.

    ``data`` holds the rows of ``ids``, in that order: a mapping of tensors ``[len(ids), ...]``, an array of pictures
    ``uint8 [len(ids), height, width, 3]``, or a frame of ``len(ids)`` rows or more (a table may hold several an id).
    ``failures`` maps the id of each row that could not be computed to the reason; those ids are not in ``ids``.
    """

    ids: tuple[str, ...]
    data: Data
    failures: Mapping[str, str] = field(default_factory=dict)

    @property
    def settled(self) -> tuple[str, ...]:
        """The ids that need no further work: computed or failed."""
        return (*self.ids, *self.failures)


@dataclass(frozen=True)
class RowStream(Generic[Data]):
    """What an asset hands to its IO manager: the rows it shall hold, and how to compute those that are missing.

    ``compute`` is called once, with the ids that the store does not hold yet, and yields each of them in some
    micro-batch exactly once, in its ``ids`` or in its ``failures``. It is lazy: memory holds a few micro-batches.
    ``describe`` is called when every row is stored, and gives metadata that people want to see beside them.
    ``environment`` is the id of the environment that computes, where the rows' bits depend on it; it is stored with
    them.
    """

    ids: tuple[str, ...]
    compute: Callable[[Sequence[str]], Iterator[MicroBatch[Data]]]
    describe: Callable[[], Mapping[str, object]] | None = None
    environment: str | None = None
