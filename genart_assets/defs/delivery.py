"""The refinement pass: files for every selected image. It runs on CPUs, in runs of its own."""

import dagster as dg

from genart_assets.defs.batch_asset import batch_asset
from genart_assets.defs.batch_context import batch_context
from genart_assets.defs.frames import Frame
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.shown.links import stories, where_from
from genart_assets.defs.vocabulary import DELIVERY
from genart_assets.records.streams import RowStream
from genart_assets.signing.studio import studio_identity
from genart_assets.stages.delivery.deliver import deliver
from genart_assets.stages.judging.judged_images import judged_images
from genart_assets.stages.planning.stored_plan import StoredPlan


@batch_asset(group=DELIVERY, io="tables", kinds={"pillow", "parquet"})
def deliveries(
    context: dg.AssetExecutionContext,
    generation_plan: StoredPlan,
    selected_images: Frame,
    verdicts: Frame,
    critic_scores: Frame,
    store: StorageResource,
) -> RowStream:
    """The delivered files: every selected image in the brief's formats and sizes, signed, with its recipe inside."""
    book, batch = batch_context(context, store)
    brief = book.brief
    chosen = set(selected_images["recipe_id"])
    signer = studio_identity()
    context.add_output_metadata(
        {
            "folder": f"{store.storage.root}/deliveries/{batch.brief}/{batch.key}",
            "formats": ", ".join(brief.deliver.formats),
            "signed_by": signer.description if signer else "nobody: GENART_HOME is not set",
            "made_of": where_from(batch.key),
            "stories": stories(list(selected_images["recipe_id"])),
            "sizes": ", ".join(f"{size} px" for size in brief.deliver.sizes) or "as rendered",
        }
    )
    return RowStream(
        ids=tuple(selected_images["recipe_id"]),
        compute=lambda missing: deliver(
            store.storage,
            brief,
            batch,
            judged_images(generation_plan, verdicts, critic_scores, selected_images, chosen),
            missing,
            signer=signer,
        ),
    )
