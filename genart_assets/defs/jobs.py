"""The two passes of a batch: the AI pass where the GPU is, the refinement pass on CPUs."""

import dagster as dg

from genart_assets.defs.vocabulary import DELIVERY, JUDGING, PLANNING, RENDERING

render = dg.define_asset_job(
    "render",
    selection=dg.AssetSelection.groups(PLANNING, RENDERING, JUDGING),
    description="The AI pass of one batch: plan, render, score, judge. Rows that are stored already are kept.",
)

deliver = dg.define_asset_job(
    "deliver",
    selection=dg.AssetSelection.groups(DELIVERY),
    description="The refinement pass of one batch: files for every selected image. Its failure touches no other run.",
)
