"""Stores a batch's plan as a table, and gives it decoded, once a process."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from genart_assets.defs.io_managers.batches import asset_and_batch
from genart_assets.defs.io_managers.tables import store_table
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.records.plan import PlannedImage
from genart_assets.stages.planning.plan_table import frame_of
from genart_assets.stages.planning.stored_plan import StoredPlan, stored_plan


class PlanIOManager(dg.ConfigurableIOManager):
    """Takes planned images and stores them as the table that they are; gives StoredPlan."""

    store: StorageResource

    def handle_output(self, context: dg.OutputContext, obj: Sequence[PlannedImage]) -> None:
        store_table(context, self.store.storage, frame_of(obj))

    def load_input(self, context: dg.InputContext) -> StoredPlan:
        _, batch = asset_and_batch(context)
        return stored_plan(self.store.storage, batch)
