"""The one partitions definition of the platform: a partition is a batch of up to a few hundred recipes."""

import dagster as dg
from sqlalchemy.exc import IntegrityError

batches = dg.DynamicPartitionsDefinition(name="batches")

ADD_AT_ONCE = 10_000
"""SQLite takes all keys of one call as variables of one statement, 32,766 at most."""
TRIES = 10
"""Each lost race adds what the others asked for, so the next try has less to add."""


def add_batches(instance: dg.DagsterInstance, keys: list[str]) -> None:
    """Adds the partitions that are not there yet, in chunks that any run storage takes."""
    for start in range(0, len(keys), ADD_AT_ONCE):
        _add(instance, keys[start : start + ADD_AT_ONCE])


def _add(instance: dg.DagsterInstance, keys: list[str]) -> None:
    """Dagster looks which keys are there and adds the others; another process may add some of them in between."""
    for remaining in reversed(range(TRIES)):
        try:
            instance.add_dynamic_partitions(str(batches.name), keys)
        except IntegrityError:
            if not remaining:
                raise
        else:
            return
