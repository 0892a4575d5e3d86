"""A person's veto of a style's LoRA, in Dagit."""

from datetime import UTC, datetime

import dagster as dg

from genart_assets.defs.gates import gate
from genart_assets.defs.partitions import styles
from genart_assets.defs.promotion import promoted_lora
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.loras.versions import candidate_of, promoted, versions_of, veto
from genart_assets.storage.root import Storage


class Objection(dg.Config):
    """What a person says against a version; left empty, the check only tells."""

    by: str = ""
    """Your name: with it the version is forbidden."""
    version: str = ""
    """The version; empty is the one that is promoted, or else the candidate."""
    why: str = ""


@gate(promoted_lora, blocking=False, partitions_def=styles)
def nobody_objects(
    context: dg.AssetCheckExecutionContext, store: StorageResource, config: Objection
) -> dg.AssetCheckResult:
    """A person's veto: launch job `object` with `by` and `why`, and the version is forbidden.

    The one before is promoted again.
    """
    storage, style = store.storage, context.partition_key
    if config.by:
        meant = config.version or _meant(storage, style)
        veto(storage, style, meant, by=config.by, time=datetime.now(UTC), why=config.why)
    forbidden = [one.version for one in versions_of(storage, style) if one.vetoed]
    last = versions_of(storage, style)[-1:]
    now = promoted(storage, style)
    return dg.AssetCheckResult(
        passed=not any(one.vetoed for one in last),
        severity=dg.AssetCheckSeverity.WARN,
        description=f"promoted is {now.version if now else 'none'}; forbidden: {', '.join(forbidden) or 'none'}",
    )


def _meant(storage: Storage, style: str) -> str:
    found = promoted(storage, style) or candidate_of(storage, style)
    return found.version if found else ""
