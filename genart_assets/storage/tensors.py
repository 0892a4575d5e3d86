"""Tensors of one asset of one batch, in safetensors shards of one micro-batch each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from pydantic import JsonValue

from genart_assets.errors import StorageError
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.storage.chunks import chunks
from genart_assets.storage.device_copy import copied
from genart_assets.storage.handoff import handoff
from genart_assets.storage.parts import Contents, Manifest, Part, Parts
from genart_assets.storage.read_ahead import read_ahead
from genart_assets.storage.root import Storage
from genart_assets.storage.shards import SUFFIX, decode_shard, describe_shard, encode_shard, layout_of
from genart_assets.storage.writing import Encoded, Progress, Written, write_rows

if TYPE_CHECKING:
    import torch

_SHARDS_IN_MEMORY = 4


class TensorStore:
    """Tensors ``[rows, …]`` by name, one row per id; all rows of an asset have one dtype and shape."""

    def __init__(self, storage: Storage, asset: str, batch: str) -> None:
        self._parts = Parts(storage, asset, batch, suffix=SUFFIX, describe=describe_shard)

    def sealed(self) -> bool:
        """Whether every row is settled and the asset declared complete."""
        return self._parts.manifest() is not None

    def settled(self) -> frozenset[str]:
        """The ids that need no further work: stored, or failed with a reason."""
        return self._parts.settled()

    def write(self, stream: RowStream[Mapping[str, torch.Tensor]], progress: Progress | None = None) -> Written:
        """Compute the missing rows, store each micro-batch while the device computes the next, and seal."""
        return write_rows(self._parts, stream, partial(self._begin, stream.environment), progress)

    def open(self) -> StoredTensors:
        """The sealed rows. StorageError while the asset is unfinished."""
        return StoredTensors(self._parts, self._parts.sealed())

    def _begin(self, environment: str | None, rows: MicroBatch[Mapping[str, torch.Tensor]]) -> Callable[[], Encoded]:
        on_device, arrive = copied(rows.data)

        def finish() -> Encoded:
            tensors = arrive()
            layout = layout_of(tensors, len(rows.ids))
            contents = Contents(ids=rows.ids, failures=dict(rows.failures), layout=layout, environment=environment)
            return Encoded(encode_shard(contents, tensors), layout, announce=self._hand_over(rows.ids, on_device))

        return finish

    def _hand_over(self, ids: tuple[str, ...], tensors: dict[str, torch.Tensor]) -> Callable[[Part], None]:
        def announce(part: Part) -> None:
            if part.contents.ids == ids:
                handoff.offer(_key(self._parts, part), tensors)

        return announce


class StoredTensors:
    """The sealed tensors of an asset."""

    def __init__(self, parts: Parts, manifest: Manifest) -> None:
        self._parts = parts
        self._layout: JsonValue = manifest.layout
        self._where = {id: (part, i) for part in manifest.parts for i, id in enumerate(part.contents.ids)}
        self._asked = manifest.ids
        self.failures: dict[str, str] = manifest.failures
        """Id to reason of the rows that have no tensors."""
        self.ids: tuple[str, ...] = tuple(id for id in manifest.ids if id in self._where)
        """The rows that have tensors, in order."""
        self.environments: dict[str, str] = manifest.environments
        """Id to the environment that computed the row, where that was told."""

    def stream(
        self, ids: Sequence[str] | None = None, rows: int = 16, device: str = "cpu"
    ) -> Iterator[MicroBatch[dict[str, torch.Tensor]]]:
        """The rows of ``ids`` in that order, on ``device``, ``rows`` at a time, read ahead; by default all.

        Failed rows come along as the failures of a micro-batch. StorageError for an id that the asset does not have.
        """
        ids = self._asked if ids is None else ids
        shards = _Shards(self._parts, self._layout)

        def micro_batches() -> Iterator[MicroBatch[dict[str, torch.Tensor]]]:
            for present, failures in chunks(ids, self._reason, rows):
                yield MicroBatch(present, self._gather(shards, present, device), failures)

        return read_ahead(micro_batches())

    def take(self, ids: Sequence[str]) -> dict[str, torch.Tensor]:
        """The tensors of ``ids``, ``[len(ids), …]``, in that order, on the CPU. StorageError if one of them failed."""
        for id in ids:
            if reason := self._reason(id):
                raise StorageError(f"row {id} of {self._parts.asset} has no tensors: {reason}")
        return self._gather(_Shards(self._parts, self._layout), ids, "cpu")

    def _reason(self, id: str) -> str | None:
        if id not in self._where and id not in self.failures:
            raise StorageError(
                f"{self._parts.asset} of batch {self._parts.batch} has no row {id}",
                remedy="order the brief as a new batch: the sealed rows differ from the plan's",
            )
        return self.failures.get(id)

    def _gather(self, shards: _Shards, ids: Sequence[str], device: str) -> dict[str, torch.Tensor]:
        if not ids:
            return {}
        picked = [(shards.load(part), row) for part, row in (self._where[id] for id in ids)]
        return {name: _stack([tensors[name][row] for tensors, row in picked], device) for name in picked[0][0]}


def _stack(rows: list[torch.Tensor], device: str) -> torch.Tensor:
    """One copy to the device for all rows, unless some were handed over there and some read from the storage."""
    import torch

    if len({row.device for row in rows}) > 1:
        rows = [row.to(device) for row in rows]
    return torch.stack(rows).to(device)


class _Shards:
    """The shards that were looked into last, from the hand-off or from the storage."""

    def __init__(self, parts: Parts, layout: JsonValue) -> None:
        self._parts = parts
        self._layout = layout
        self._loaded: dict[str, Mapping[str, torch.Tensor]] = {}

    def load(self, part: Part) -> Mapping[str, torch.Tensor]:
        tensors = handoff.get(_key(self._parts, part)) or self._loaded.get(part.name)
        if tensors is None:
            tensors = decode_shard(self._parts.read(part))
            found = layout_of(tensors, len(part.contents.ids))
            if found != self._layout:
                raise StorageError(
                    f"{self._parts.folder}/{part.name} holds {found}, its manifest says {self._layout}",
                    remedy="restore the folder from a backup, or order the same brief as a new batch",
                )
            while len(self._loaded) >= _SHARDS_IN_MEMORY:
                del self._loaded[next(iter(self._loaded))]
            self._loaded[part.name] = tensors
        return tensors


def _key(parts: Parts, part: Part) -> tuple[str, str, str, str]:
    return (parts.storage.root, parts.asset, parts.batch, part.name)
