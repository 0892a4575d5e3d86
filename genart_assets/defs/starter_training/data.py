"""What the starter model learns from: drawn icons, the tokenizer of their captions, their latents."""

import dagster as dg
import numpy as np

from genart_assets.defs.resources.starter_training import StarterTrainingResource
from genart_assets.defs.starter_training.reporting import SHOWN, described, progress_logger
from genart_assets.defs.vocabulary import OWNERS, STARTER_TRAINING
from genart_assets.starter_training.spread import spread


@dg.asset(group_name=STARTER_TRAINING, owners=OWNERS, kinds={"numpy"}, code_version="1")
def starter_icons(context: dg.AssetExecutionContext, training: StarterTrainingResource) -> dg.MaterializeResult:
    """Every subject in every style, drawn once at 128 px from the icon sets' vector drawings."""
    from genart_assets.starter_training.icons import read_icons

    workshop = training.workshop
    icons = read_icons(workshop.sources, workshop.words, progress_logger(context, "icons"))
    workshop.save_icons(icons)
    over_white = [icon[..., :3] * (icon[..., 3:] / 255) + 255 - icon[..., 3:] for icon in icons.values()]
    some = [picture.astype(np.uint8) for picture in spread(over_white, SHOWN)]
    return described({"icons": len(icons), "subjects": len(workshop.words.subjects)}, some)


@dg.asset(group_name=STARTER_TRAINING, owners=OWNERS, kinds={"numpy"}, code_version="1")
def starter_tokenizer(training: StarterTrainingResource) -> dg.MaterializeResult:
    """The CLIP tokenizer of generator and critic, learnt from the captions."""
    from genart_assets.starter_training.tokenizer import train_tokenizer

    workshop = training.workshop
    learnt = train_tokenizer(workshop.words, workshop.sources)
    learnt.save_pretrained(workshop.path("starter_tokenizer"))
    return described({"tokens": len(learnt), "length": learnt.model_max_length})
