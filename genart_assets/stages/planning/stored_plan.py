"""The plan of a batch as it is stored, decoded once a process: a plan never changes."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from threading import Lock

from genart_assets.records.plan import PlannedImage, order_of
from genart_assets.stages.planning.plan_table import plan_of
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

ASSET = "generation_plan"
BATCHES = 8
"""Plans that stay in memory: a run works on one batch, and delivers the one before it."""


class StoredPlan(tuple[PlannedImage, ...]):
    """The rows of a batch, in the order of its slots; every recipe is what its id says."""

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The recipe ids, in order."""
        return tuple(planned.recipe_id for planned in self)


_Key = tuple[str, str, tuple[str, ...]]
_decoded: OrderedDict[_Key, StoredPlan] = OrderedDict()
_lock = Lock()


def stored_plan(storage: Storage, batch: str) -> StoredPlan:
    """The plan of the batch with a partition key.

    The manifest is read at every call; what it names is read, checked and decoded again only where it names other bytes
    than those that were decoded.

    Raises:
        StorageError: it is not complete, or damaged.
    """
    table = TableStore(storage, ASSET, batch)
    key = (storage.root, batch, table.content())
    with _lock:
        if key not in _decoded:
            _decoded[key] = StoredPlan(plan_of(table.read(), order_of(batch).rpartition(".")[0]))
            while len(_decoded) > BATCHES:
                _decoded.popitem(last=False)
        _decoded.move_to_end(key)
        return _decoded[key]
