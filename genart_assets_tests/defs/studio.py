"""A small studio for the asset graph's tests: a storage, an instance, and briefs of four images in two steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from genart_assets.definitions import defs
from genart_assets.defs.partitions import add_batches
from genart_assets.models.schedules import schedule_of
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Batch, PlannedImage
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.planning.catalogue import accept
from genart_assets.stages.planning.plan import plan_batch
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

BRIEF = """\
brief: market
prompt: "classic icon of {subject} on white background"
vary: {subject: [red apple, lemon, panda, frog]}
sampler: {steps: 2}
"""
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Studio:
    storage: Storage
    instance: dg.DagsterInstance

    def order(self, text: str = BRIEF, batch_rows: int = 4) -> list[Batch]:
        """Accept a brief; its batches are partitions from now on."""
        brief = self.brief(text)
        planned = accept(self.storage, brief, text, take_snapshot(brief.model).snapshot_id, batch_rows)
        add_batches(self.instance, [batch.key for batch in planned])
        return planned

    def brief(self, text: str = BRIEF) -> Brief:
        return read_brief(text, source="brief.yaml", known=installed())

    def plan(self, batch: Batch, text: str = BRIEF) -> list[PlannedImage]:
        brief = self.brief(text)
        return plan_batch(brief, batch, schedule_of(brief.model, brief.sampler))

    def run(self, job: str, batch: Batch, assets: Sequence[str] | None = None) -> dg.ExecuteInProcessResult:
        """A run of a pass, or of some of its assets, for one batch."""
        return defs.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            partition_key=batch.key,
            asset_selection=[dg.AssetKey(asset) for asset in assets] if assets else None,
            run_config=QUIET,
            raise_on_error=False,
        )

    def table(self, asset: str, batch: Batch) -> TableStore:
        return TableStore(self.storage, asset, batch.key)

    def made(self, batch: Batch) -> set[str]:
        """The assets that Dagster holds for materialised in this batch."""
        names = [key.path[-1] for key in defs.resolve_asset_graph().get_all_asset_keys()]
        return {name for name in names if batch.key in self.instance.get_materialized_partitions(dg.AssetKey(name))}
