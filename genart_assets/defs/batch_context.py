"""What a run is about: the batch of its partition key, and the book of the order that it belongs to."""

import dagster as dg

from genart_assets.defs.resources.storage import StorageResource
from genart_assets.records.plan import Batch
from genart_assets.stages.planning.order_book import OrderBook


def batch_context(
    context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext, store: StorageResource
) -> tuple[OrderBook, Batch]:
    """The batch that the partition key names, and the order that it is of, with its brief.

    Raises:
        InputError: no brief was accepted for this key. StorageError: the brief is missing or damaged.
    """
    book = OrderBook.of_batch(store.storage, context.partition_key)
    return book, book.batch(context.partition_key)
