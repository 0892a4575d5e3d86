"""Batches that are no longer what their brief or their weights say: Dagster is told, and shows them as stale.

A batch never changes. What its `briefs` and `model_snapshot` stand for may: a brief is written anew under the same id,
the files of a model are exchanged. Then a new data version is reported for them, without a run, and `generation_plan`
becomes stale. When the old brief or the old weights come back, it becomes fresh again.
"""

from collections.abc import Callable, Iterable, Mapping

import dagster as dg

from genart_assets.defs.partitions import batches
from genart_assets.errors import InputError, StorageError
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Batch
from genart_assets.stages.planning.catalogue import batch_of
from genart_assets.storage.root import Storage

BRIEFS = dg.AssetKey("briefs")
MODEL = dg.AssetKey("model_snapshot")
DATA_VERSION = "dagster/data_version"
AT_ONCE = 250


def make_current(instance: dg.DagsterInstance, storage: Storage, brief: Brief) -> int:
    """Say that a brief which was just accepted is what its id stands for from now on.

    To be called after each `catalogue.accept`. The older batches of its id become stale. Returns how many data versions
    were reported; where the brief is unchanged, or its id is new, Dagster is not asked at all.
    """
    before = current_content(storage, brief.brief)
    if before == brief.brief_hash:
        return 0
    reported = 0
    if before is not None:
        keys = [key for key in instance.get_dynamic_partitions(str(batches.name)) if key.startswith(f"{brief.brief}.")]
        for start in range(0, len(keys), AT_ONCE):
            some = batches_with(storage, keys[start : start + AT_ONCE])
            for event in changed_briefs(instance, some, lambda _: brief.brief_hash):
                instance.report_runless_asset_event(event)
                reported += 1
    storage.replace(_marker(brief.brief), brief.brief_hash.encode())
    return reported


def current_content(storage: Storage, brief_id: str) -> str | None:
    """Hash of the brief that was accepted last under this id; None before the first."""
    marker = _marker(brief_id)
    return storage.read(marker).decode() if storage.exists(marker) else None


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


def _marker(brief_id: str) -> str:
    return f"briefs/{brief_id}/current"
