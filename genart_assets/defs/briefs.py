"""What everything starts from: the brief that ordered a batch, and the weights that it is rendered with."""

import dagster as dg

from genart_assets.defs.batch_asset import batch_asset
from genart_assets.defs.batch_context import batch_context
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.vocabulary import PLANNING
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.studio import UNBOUND


@batch_asset(group=PLANNING, kinds={"yaml"})
def briefs(context: dg.AssetExecutionContext, store: StorageResource) -> dg.MaterializeResult:
    """The brief that ordered this batch. Its data version is the hash of the brief's content."""
    book, batch = batch_context(context, store)
    brief = book.brief
    text = store.storage.read(f"briefs/{brief.brief}/{brief.brief_hash}.yaml").decode()
    studio = book.studio
    metadata: dict[str, dg.MetadataValue | str | int] = {
        "brief": dg.MetadataValue.md(f"```yaml\n{text}\n```"),
        "prompt": brief.prompt,
        "slots": brief.slot_count,
        "model": brief.model,
        "first_row": batch.first_row,
        "rows": batch.rows,
        "round": batch.round,
    }
    if studio != UNBOUND:
        metadata["studio_latitudes"] = dg.MetadataValue.json(studio.model_dump(mode="json", exclude_none=True))
    return dg.MaterializeResult(data_version=dg.DataVersion(brief.brief_hash), metadata=metadata)


@batch_asset(group=PLANNING, kinds={"safetensors"})
def model_snapshot(context: dg.AssetExecutionContext, store: StorageResource) -> dg.MaterializeResult:
    """The weights that this batch's model name stands for now. Its data version is the hash over the files."""
    _, batch = batch_context(context, store)
    snapshot = take_snapshot(batch.model)
    files = "\n".join(f"| {path} | `{digest[:16]}` |" for path, digest in snapshot.files.items())
    return dg.MaterializeResult(
        data_version=dg.DataVersion(snapshot.snapshot_id),
        metadata={
            "model": snapshot.name,
            "snapshot": snapshot.snapshot_id,
            "planned_for": batch.model_snapshot,
            "bytes": snapshot.bytes,
            "licence": snapshot.licence,
            "files": dg.MetadataValue.md(f"| file | SHA-256 |\n| --- | --- |\n{files}"),
        },
    )
