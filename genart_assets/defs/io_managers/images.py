"""Keeps a batch's images: PNGs named by their pixels, and their index."""

from __future__ import annotations

import dagster as dg

from genart_assets.defs.io_managers.batches import asset_and_batch, store
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.records.streams import RowStream
from genart_assets.storage.images import ImageStore, Pictures, StoredImages


class ImageIOManager(dg.ConfigurableIOManager):
    """Takes a RowStream of pictures, computes and stores the rows that are missing; gives StoredImages."""

    store: StorageResource

    def handle_output(self, context: dg.OutputContext, obj: RowStream[Pictures]) -> None:
        asset, batch = asset_and_batch(context)
        images = ImageStore(self.store.storage, batch, asset=asset)
        store(context, obj, lambda progress: images.write(obj, progress))

    def load_input(self, context: dg.InputContext) -> StoredImages:
        asset, batch = asset_and_batch(context)
        return ImageStore(self.store.storage, batch, asset=asset).open()
