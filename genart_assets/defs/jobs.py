"""The two passes of a batch, the AI pass where the GPU is and the refinement pass on CPUs; and what else runs."""

import dagster as dg

from genart_assets.defs.audits import replays_identically
from genart_assets.defs.promotion import promoted_lora
from genart_assets.defs.vocabulary import DELIVERY, JUDGING, LEARNING, PLANNING, RENDERING, RETRYING, STARTER_TRAINING

render = dg.define_asset_job(
    "render",
    selection=dg.AssetSelection.groups(PLANNING, RENDERING, JUDGING) - dg.AssetSelection.checks(replays_identically),
    description="The AI pass of one batch: plan, render, score, judge. Rows that are stored already stay as they are.",
)

take_turn = dg.define_asset_job(
    "take_turn",
    selection=dg.AssetSelection.groups(RETRYING) | dg.AssetSelection.assets("review_queue"),
    description="The loop's turn after a round of a brief: what it came to, the plan of the next round, and what waits "
    "for a person.",
)

settle = dg.define_asset_job(
    "settle",
    selection=dg.AssetSelection.assets("human_feedback", "accepted_images", "accepted_deliveries"),
    description="Takes in what people decided: feedback as data, files of what they accepted, a round of what they "
    "sent back.",
)

calibrate = dg.define_asset_job(
    "calibrate",
    selection=dg.AssetSelection.assets("calibration"),
    description="How far the critics agree with the people who reviewed a brief; needs the extra `calibration`.",
)

materialise_features = dg.define_asset_job(
    "materialise_features",
    selection=dg.AssetSelection.assets("feature_store"),
    description="Brings the feature store up to date with all that is stored; needs Feast, here or in an environment "
    "of its own.",
)

learn = dg.define_asset_job(
    "learn",
    selection=dg.AssetSelection.groups(LEARNING),
    description="One style's turn: training set, fine-tune, trial beside what is promoted, promotion if it is better.",
)

object_to_lora = dg.define_asset_job(
    "object",
    selection=dg.AssetSelection.assets(promoted_lora),
    description="A person forbids a version of a style: in the launchpad choose the style, and give the check "
    "`nobody_objects` your name as `by`, and `why`.",
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
