"""Defines the audit that goes on by itself: it checks that images are still made the same, bit for bit."""

from collections.abc import Sequence

import dagster as dg

from genart_assets.defs.provenance import provenance
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.vocabulary import GPU
from genart_assets.provenance.index import provenance_index
from genart_assets.provenance.replay import replay

IMAGES = 16
LINES = 20


@dg.asset_check(asset=provenance, pool=GPU, description="Random images, rendered again from their records alone.")
def replays_identically(store: StorageResource) -> dg.AssetCheckResult:
    """Fails when a driver, a library or a lost or changed model broke the promise that a recipe gives the same bits,
    and when records are damaged.
    """
    storage = store.storage
    with provenance_index(storage) as index:
        records = index.sample(IMAGES)
    replays = replay(storage, records)
    broken = [found for found in replays if not found.bit_identical]
    changes = list(dict.fromkeys(line for found in broken for line in found.differs))
    problems = list(dict.fromkeys([*(found.problem for found in broken if found.problem), *map(str, index.damaged)]))
    share = f"{len(replays) - len(broken)} of {len(replays)} images are bit-identical"
    return dg.AssetCheckResult(
        passed=not broken and not index.damaged,
        description="; ".join([share if replays else "no image has a record yet", *problems]),
        metadata={
            "replayed": len(replays),
            "broken": ", ".join(found.image[:12] for found in broken) or "none",
            "largest_difference": max((found.distance.max_abs for found in broken if found.distance), default=0),
            "changed_since": _listed(changes),
            "problems": _listed(problems),
        },
    )


def _listed(lines: Sequence[str]) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md("\n".join(f"- {line}" for line in lines[:LINES]) or "nothing")


audit = dg.define_asset_job(
    "audit",
    selection=dg.AssetSelection.checks(replays_identically),
    description="Renders random images again and compares them bit for bit.",
)

daily_audit = dg.ScheduleDefinition(job=audit, cron_schedule="0 4 * * *")
