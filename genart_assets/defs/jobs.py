"""The two passes of a batch: the AI pass where the GPU is, the refinement pass on CPUs; and the starter's training."""

import dagster as dg

from genart_assets.defs.vocabulary import DELIVERY, JUDGING, PLANNING, RENDERING, RETRYING, STARTER_TRAINING

render = dg.define_asset_job(
    "render",
    selection=dg.AssetSelection.groups(PLANNING, RENDERING, JUDGING),
    description="The AI pass of one batch: plan, render, score, judge. Rows that are stored already are kept.",
)

take_turn = dg.define_asset_job(
    "take_turn",
    selection=dg.AssetSelection.groups(RETRYING),
    description="The loop's turn after a round of a brief: what it came to, and the plan of the next round.",
)

deliver = dg.define_asset_job(
    "deliver",
    selection=dg.AssetSelection.groups(DELIVERY),
    description="The refinement pass of one batch: files for every selected image. Its failure touches no other run.",
)

train_starter = dg.define_asset_job(
    "train_starter",
    selection=dg.AssetSelection.groups(STARTER_TRAINING),
    description="From open icon sets to the starter model's weights and their evaluation: hours on a CPU. A run that "
    "was cut off goes on from its checkpoints.",
)
