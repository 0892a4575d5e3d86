"""Batches that are no longer what their brief or their weights say: Dagster is told, and shows them as stale.

A batch never changes. What its `briefs` and `model_snapshot` stand for may: a brief is written anew under the same id,
the files of a model are exchanged. Then a new data version is reported for them, without a run, and `generation_plan`
becomes stale. When the old brief or the old weights come back, it becomes fresh again.
"""

from collections.abc import Callable, Iterable, Mapping

import dagster as dg

from genart_assets.defs.partitions import batches
from genart_assets.errors import InputError, StorageError
from genart_assets.records.plan import Batch
from genart_assets.stages.acceptance.accept_brief import Accepted
from genart_assets.stages.acceptance.current import set_current
from genart_assets.stages.planning.order_book import batch_of
from genart_assets.storage.root import Storage

BRIEFS = dg.AssetKey("briefs")
MODEL = dg.AssetKey("model_snapshot")
DATA_VERSION = "dagster/data_version"
AT_ONCE = 250


def make_current(instance: dg.DagsterInstance, storage: Storage, accepted: Accepted) -> int:
    """Show Dagster what an accepted brief replaced, and let its id stand for it from now on.

    The older batches of its id become stale. Returns how many data versions were reported; where it replaced nothing,
    Dagster is not asked at all. Until this is done, whoever accepts the brief again learns that it replaces something.
    """
    if accepted.replaced is None:
        return 0
    brief, reported = accepted.brief, 0
    keys = [key for key in instance.get_dynamic_partitions(str(batches.name)) if key.startswith(f"{brief.brief}.")]
    for start in range(0, len(keys), AT_ONCE):
        some = batches_with(storage, keys[start : start + AT_ONCE])
        for event in changed_briefs(instance, some, lambda _: brief.brief_hash):
            instance.report_runless_asset_event(event)
            reported += 1
    set_current(storage, brief)
    return reported


def batches_with(
    storage: Storage, keys: Iterable[str], damaged: Callable[[str, StorageError], object] | None = None
) -> list[Batch]:
    """The batches with these keys; a partition that somebody added by hand, for which nothing was ordered, is none.

    With ``damaged``, a batch that cannot be read is named there, and the others are given.

    Raises:
        StorageError: without ``damaged``, a batch cannot be read.
    """
    found: list[Batch] = []
    for key in keys:
        try:
            found.append(batch_of(storage, key))
        except InputError:
            continue
        except StorageError as error:
            if damaged is None:
                raise
            damaged(key, error)
    return found


def changed_briefs(
    instance: dg.DagsterInstance, planned: Iterable[Batch], now: Callable[[Batch], str | None]
) -> list[dg.AssetMaterialization]:
    """Events for batches whose brief was superseded, or came back; ``now`` gives the current content of its id."""
    return _flips(instance, BRIEFS, {batch.key: (batch.brief_hash, now(batch)) for batch in planned})


def changed_models(
    instance: dg.DagsterInstance, planned: Iterable[Batch], now: Mapping[str, str]
) -> list[dg.AssetMaterialization]:
    """Events for batches whose weights were superseded, or came back; ``now`` maps model names to snapshot ids."""
    return _flips(instance, MODEL, {batch.key: (batch.model_snapshot, now.get(batch.model)) for batch in planned})


def _flips(
    instance: dg.DagsterInstance, asset: dg.AssetKey, versions: Mapping[str, tuple[str, str | None]]
) -> list[dg.AssetMaterialization]:
    """What Dagster must hear of an asset, from each batch's data version as planned and as it is now.

    Nothing where Dagster takes a batch for current, or for superseded, and is right; nor where the asset was never
    made, or where now is unknown (None). So everything is told once, whoever asks how often.
    """
    if not versions:
        return []
    told = instance.event_log_storage.get_latest_tags_by_partition(
        asset, dg.DagsterEventType.ASSET_MATERIALIZATION, [DATA_VERSION], asset_partitions=list(versions)
    )
    return [
        dg.AssetMaterialization(
            asset,
            partition=key,
            tags={DATA_VERSION: now, f"{DATA_VERSION}_is_user_provided": "true"},
            description=f"current again: {now}" if now == planned else f"superseded: planned for {planned}, now {now}",
        )
        for key, (planned, now) in versions.items()
        if now is not None and key in told and (told[key][DATA_VERSION] == planned) != (now == planned)
    ]
