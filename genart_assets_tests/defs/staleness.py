"""What Dagit says of a batch: the resolver behind the `staleStatus` of its GraphQL."""

from __future__ import annotations

import dagster as dg
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from genart_assets.definitions import defs
from genart_assets.records.plan import Batch
from genart_assets_tests.defs.studio import Studio


def is_stale(studio: Studio, asset: str, batch: Batch) -> bool:
    """Whether Dagit marks the asset of the batch as out of date; the asset is materialised."""
    status = _resolver(studio).get_status(dg.AssetKey(asset), batch.key)
    assert status in (StaleStatus.FRESH, StaleStatus.STALE)
    return status is StaleStatus.STALE


def causes(studio: Studio, asset: str, batch: Batch) -> list[str]:
    """For example ``briefs: has a new data version``."""
    found = _resolver(studio).get_stale_root_causes(dg.AssetKey(asset), batch.key)
    return [f"{cause.asset_key.to_user_string()}: {cause.reason}" for cause in found]


def _resolver(studio: Studio) -> CachingStaleStatusResolver:
    return CachingStaleStatusResolver(
        studio.instance, defs.resolve_asset_graph(), LoadingContextForTest(studio.instance)
    )
