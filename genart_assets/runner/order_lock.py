"""Keeps two `genart run`s off one order, so that the first does all of it and the second none."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager

from genart_assets.errors import BatchBusyError
from genart_assets.records.plan import Batch
from genart_assets.storage.locks import batch_lock, holder_of
from genart_assets.storage.root import Storage


@contextmanager
def order_lock(storage: Storage, batches: Sequence[Batch]) -> Generator[None]:
    """Hold the order that some batches are of.

    Raises:
        BatchBusyError: another run works on it; the message names the batch that it is at, and its process.
    """
    order = batches[0].order
    with ExitStack() as held:
        try:
            held.enter_context(batch_lock(storage, order))
        except BatchBusyError as error:
            at_work = next((batch.key for batch in batches if holder_of(storage, batch.key)), batches[0].key)
            named = error.message.replace(f"batch {order}", f"batch {at_work}")
            raise BatchBusyError(named, remedy=error.remedy) from None
        yield
