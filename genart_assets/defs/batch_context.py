"""What a run is about: the batch of its partition key, and the brief that ordered it."""

import dagster as dg

from genart_assets.defs.resources.storage import StorageResource
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Batch
from genart_assets.stages.planning.catalogue import batch_of, brief_of


def batch_context(
    context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext, store: StorageResource
) -> tuple[Brief, Batch]:
    """The brief and the batch that the partition key names.

    Raises:
        InputError: no brief was accepted for this key. StorageError: the brief is missing or damaged.
    """
    batch = batch_of(store.storage, context.partition_key)
    return brief_of(store.storage, batch), batch
