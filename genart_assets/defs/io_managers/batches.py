"""Which asset of which batch a Dagster context is about, and what is told of it when it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg

from genart_assets import progress
from genart_assets.errors import GenartError, StorageError
from genart_assets.records.streams import RowStream
from genart_assets.storage.writing import Progress, Written

_REASONS_SHOWN = 10


def asset_and_batch(context: dg.OutputContext | dg.InputContext) -> tuple[str, str]:
    """Name of the asset and key of the batch. StorageError outside a run of exactly one batch."""
    asset = context.asset_key.path[-1]
    keys = list(context.asset_partition_keys) if context.has_asset_partitions else []
    if len(keys) != 1 and context.has_partition_key:
        keys = [context.partition_key]  # a check without partitions is asked about all batches; it means the run's
    if len(keys) != 1:
        raise StorageError(
            f"asset {asset} was asked for {len(keys)} batches in one run",
            remedy="materialise one batch a run, and give the asset the partitions definition 'batches'",
        )
    return asset, keys[0]


def store(context: dg.OutputContext, given: object, write: Callable[[Progress], Written], *others: type) -> None:
    """Store what an asset returned (a RowStream, or one of ``others``), report its progress, describe it in Dagster."""
    asset, batch = asset_and_batch(context)
    if not isinstance(given, (RowStream, *others)):
        kinds = " or ".join(kind.__name__ for kind in (RowStream, *others))
        raise GenartError(f"asset {asset} returned {type(given).__name__}; its IO manager stores {kinds}")
    written = write(progress.reporter(asset, batch))
    context.add_output_metadata(metadata_of(written))
    if isinstance(given, RowStream) and given.describe:
        described: Mapping[str, Any] = given.describe()
        context.add_output_metadata(described)


def metadata_of(written: Written) -> dict[str, dg.MetadataValue]:
    """Counts, bytes and speed of what was stored, and the reasons of failed rows."""
    metadata: dict[str, dg.MetadataValue] = {
        "rows": dg.MetadataValue.int(written.rows),
        "new_rows": dg.MetadataValue.int(written.new_rows),
        "failed_rows": dg.MetadataValue.int(len(written.failures)),
        "bytes": dg.MetadataValue.int(written.bytes),
        "seconds": dg.MetadataValue.float(round(written.seconds, 3)),
        "rows_per_second": dg.MetadataValue.float(round(written.rows_per_second, 3)),
    }
    if written.failures:
        metadata["failures"] = dg.MetadataValue.json(dict(list(written.failures.items())[:_REASONS_SHOWN]))
    return metadata
