"""Keeps an asset's tensors: safetensors shards, resumable micro-batch by micro-batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import dagster as dg

from genart_assets.defs.io_managers.batches import asset_and_batch, store
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.records.streams import RowStream
from genart_assets.storage.tensors import StoredTensors, TensorStore

if TYPE_CHECKING:
    import torch


class TensorIOManager(dg.ConfigurableIOManager):
    """Takes a RowStream of tensors, computes and stores the rows that are missing; gives StoredTensors."""

    store: StorageResource

    def handle_output(self, context: dg.OutputContext, obj: RowStream[Mapping[str, torch.Tensor]]) -> None:
        asset, batch = asset_and_batch(context)
        tensors = TensorStore(self.store.storage, asset, batch)
        store(context, obj, lambda progress: tensors.write(obj, progress))

    def load_input(self, context: dg.InputContext) -> StoredTensors:
        return TensorStore(self.store.storage, *asset_and_batch(context)).open()
