"""Declares an asset of which each partition is a batch."""

from collections.abc import Callable, Collection
from typing import Any, Literal

import dagster as dg

from genart_assets.defs.partitions import batches
from genart_assets.defs.vocabulary import GPU, OWNERS


def batch_asset(
    *,
    group: str,
    kinds: Collection[str],
    io: Literal["plans", "tables", "tensors", "images"] | None = None,
    gpu: bool = False,
    **declared: Any,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """As ``dg.asset``, for an asset of batches.

    Args:
        group: where Dagit shows it: one name a step of the flow.
        kinds: Dagit's tags for what it is made with, at most three.
        io: the IO manager that stores what the function returns; None for a function that stores nothing.
        gpu: whether it waits for its turn in the pool of the device.
        declared: anything else that ``dg.asset`` takes.
    """
    if io is not None:
        declared["io_manager_key"] = io
    if gpu:
        declared["pool"] = GPU
    return dg.asset(
        partitions_def=batches, group_name=group, kinds=set(kinds), owners=OWNERS, code_version="1", **declared
    )
