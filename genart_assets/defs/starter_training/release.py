"""The starter as the package ships it, and how well it draws."""

from functools import cache

import dagster as dg

from genart_assets.defs.resources.starter_training import StarterTrainingResource
from genart_assets.defs.starter_training.adapters import starter_control, starter_style_lora
from genart_assets.defs.starter_training.data import starter_icons, starter_tokenizer
from genart_assets.defs.starter_training.networks import (
    starter_autoencoder,
    starter_critic,
    starter_generator,
    starter_latents,
)
from genart_assets.defs.starter_training.reporting import described, progress_logger
from genart_assets.defs.vocabulary import GPU, OWNERS, STARTER_TRAINING


@dg.asset(
    group_name=STARTER_TRAINING,
    owners=OWNERS,
    kinds={"safetensors"},
    deps=[
        starter_tokenizer,
        starter_latents,
        starter_autoencoder,
        starter_generator,
        starter_critic,
        starter_control,
        starter_style_lora,
    ],
    code_version="1",
)
def starter_model(training: StarterTrainingResource) -> dg.MaterializeResult:
    """The weights as the package ships them, fp16, with the record of what made them."""
    from genart_assets.starter_training.release import release

    record = release(training.workshop)
    return described({"files": len(record["files"]), "megabytes": record["megabytes"]})


@dg.asset(
    group_name=STARTER_TRAINING,
    owners=OWNERS,
    pool=GPU,
    kinds={"torch"},
    deps=[starter_model, starter_icons],
    code_version="1",
)
def starter_evaluation(context: dg.AssetExecutionContext, training: StarterTrainingResource) -> dg.MaterializeResult:
    """What the released weights draw and how often the critic recognises it, seen pairs and held-out ones."""
    from genart_assets.starter_training.evaluation_page import evaluate_release

    workshop = training.workshop
    step_reporter = cache(lambda what: progress_logger(context, what))
    page, figures = evaluate_release(workshop, lambda what, done, total: step_reporter(what)(done, total))
    shares = {f"{kind}_top_1": figures[kind]["top_1"] for kind in ("seen", "held_out")}
    return dg.MaterializeResult(metadata={**shares, "evaluation": dg.MetadataValue.md(page)})
