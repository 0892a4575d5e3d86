"""Defines the platform's partitions.

A partition is a batch of up to a few hundred recipes; for the loop's turns, an order's round; for what people decided,
an order's settlement; and for what is learnt of it, a style.
"""

import dagster as dg

batches = dg.DynamicPartitionsDefinition(name="batches")
rounds = dg.DynamicPartitionsDefinition(name="rounds")
reviews = dg.DynamicPartitionsDefinition(name="reviews")
styles = dg.DynamicPartitionsDefinition(name="styles")

ADD_AT_ONCE = 10_000
"""SQLite takes all keys of one call as variables of one statement, 32,766 at most."""
TRIES = 10
"""Each lost race adds what the others asked for, so the next try has less to add."""


def add_batches(instance: dg.DagsterInstance, keys: list[str]) -> None:
    """Adds the partitions that are not there yet, in chunks that any run storage takes."""
    for start in range(0, len(keys), ADD_AT_ONCE):
        _add(instance, batches, keys[start : start + ADD_AT_ONCE])


def add_rounds(instance: dg.DagsterInstance, keys: list[str]) -> None:
    """As `add_batches`, for rounds."""
    _add(instance, rounds, keys)


def add_reviews(instance: dg.DagsterInstance, keys: list[str]) -> None:
    """As `add_batches`, for settlements."""
    _add(instance, reviews, keys)


def add_styles(instance: dg.DagsterInstance, keys: list[str]) -> None:
    """As `add_batches`, for styles."""
    _add(instance, styles, keys)


def _add(instance: dg.DagsterInstance, among: dg.DynamicPartitionsDefinition, keys: list[str]) -> None:
    """Dagster looks which keys are there and adds the others; another process may add some of them in between."""
    from sqlalchemy.exc import IntegrityError

    for remaining in reversed(range(TRIES)):
        try:
            instance.add_dynamic_partitions(str(among.name), keys)
        except IntegrityError:
            if not remaining:
                raise
        else:
            return
