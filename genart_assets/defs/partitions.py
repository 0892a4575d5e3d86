"""The one partitions definition of the platform: a partition is a batch of up to a few hundred recipes."""

import dagster as dg

batches = dg.DynamicPartitionsDefinition(name="batches")

ADD_AT_ONCE = 10_000
"""SQLite takes all keys of one call as variables of one statement, 32,766 at most."""


def add_batches(instance: dg.DagsterInstance, keys: list[str]) -> None:
    """Adds the partitions that are not there yet, in chunks that any run storage takes."""
    for start in range(0, len(keys), ADD_AT_ONCE):
        instance.add_dynamic_partitions(str(batches.name), keys[start : start + ADD_AT_ONCE])
