"""The record of how each image came to be."""

import dagster as dg

from genart_assets.defs.batch_asset import batch_asset
from genart_assets.defs.batch_context import batch_context
from genart_assets.defs.frames import Frame
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.shown.links import stories
from genart_assets.defs.vocabulary import JUDGING
from genart_assets.models.snapshot import take_snapshot
from genart_assets.provenance.record_provenance import record_provenance
from genart_assets.provenance.rendering import renderings_of
from genart_assets.stages.judging.judged_images import judged_images
from genart_assets.stages.planning.stored_plan import StoredPlan
from genart_assets.starter.shipped import SHIPPED_CLIP
from genart_assets.storage.images import StoredImages
from genart_assets.storage.tensors import StoredTensors


@batch_asset(group=JUDGING, io="tables", kinds={"parquet", "duckdb"})
def provenance(
    context: dg.AssetExecutionContext,
    generation_plan: StoredPlan,
    latents: StoredTensors,
    images: StoredImages,
    critic_scores: Frame,
    verdicts: Frame,
    selected_images: Frame,
    store: StorageResource,
) -> Frame:
    """How every image of the batch came to be: recipe, hashes of noise, latents and pixels, environment, run, verdict.

    One row an image, in parquet that DuckDB reads without this platform. What a row refers to lies beside it once:
    `environments/`, `models/`, `renderings/`. `genart trace` tells the story, `genart reproduce` proves it.
    """
    book, batch = batch_context(context, store)
    table = record_provenance(
        batch,
        list(judged_images(generation_plan, verdicts, critic_scores, images.index, set(selected_images["recipe_id"]))),
        latents.stream(latents.ids),
        images.stream(images.ids),
        denoised_in=latents.environments,
        decoded_in=images.environments,
        renderings=renderings_of(store.storage, batch.key),
        critic_snapshot=take_snapshot(book.brief.style_guide.clip_model, SHIPPED_CLIP).snapshot_id,
    )
    context.add_output_metadata(
        {
            "environments": ", ".join(sorted(set(table["denoised_in"].dropna()))) or "none",
            "runs": ", ".join(sorted(set(table["run_id"].dropna()))) or "none",
            "folder": f"{store.storage.root}/assets/provenance/{batch.key}",
            "stories": stories(list(table["recipe_id"])),
            "query": dg.MetadataValue.md(
                "```sql\nSELECT move, count(*), avg(passed::int)\n"
                f"FROM '{store.storage.root}/assets/provenance/*/*.parquet' GROUP BY move\n```"
            ),
        }
    )
    return table
