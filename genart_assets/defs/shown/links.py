"""Links from an asset's metadata to where a person reads on: other partitions in Dagit, stories on the review page."""

from __future__ import annotations

import os
from collections.abc import Sequence

import dagster as dg

from genart_assets.loras.files import style_of
from genart_assets.records.recipe import ModelSnapshot

REVIEW_VARIABLE = "GENART_REVIEW_URL"
REVIEW_URL = "http://127.0.0.1:3001"
STORIES_SHOWN = 100


def partition_link(asset: str, partition: str, text: str) -> str:
    """Markdown that opens a partition of an asset in Dagit."""
    return f"[{text}](/assets/{asset}?view=partitions&partition={partition})"


def where_from(batch: str) -> dg.MetadataValue:
    """What a batch of files was made of: its brief, its weights, its plan with the retries' parents, its records."""
    told = {"briefs": "the brief", "model_snapshot": "the weights", "generation_plan": "the plan"}
    told |= {"verdicts": "the verdicts", "provenance": "the records"}
    return dg.MetadataValue.md("  \n".join(partition_link(asset, batch, text) for asset, text in told.items()))


def weights_text(snapshot: ModelSnapshot) -> dg.MetadataValue:
    """A LoRA or ControlNet, with a link to where a style's LoRA was learnt."""
    style = style_of(snapshot.name)
    link = f", {partition_link('style_lora', style, 'how it was learnt')}" if style else ""
    return dg.MetadataValue.md(f"{snapshot.snapshot_id}, {snapshot.bytes:,} bytes, {snapshot.licence}{link}")


def stories(recipe_ids: Sequence[str]) -> dg.MetadataValue:
    """Links to the stories of images, which `genart review` tells while it runs."""
    address = os.environ.get(REVIEW_VARIABLE, REVIEW_URL).rstrip("/")
    links = [f"[{recipe_id[:12]}]({address}/trace/{recipe_id})" for recipe_id in recipe_ids[:STORIES_SHOWN]]
    more = f" and {len(recipe_ids) - STORIES_SHOWN} more: `genart trace IMAGE`" if recipe_ids[STORIES_SHOWN:] else ""
    return dg.MetadataValue.md(", ".join(links) + more if links else "none")
