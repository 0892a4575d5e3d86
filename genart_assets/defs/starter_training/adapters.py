"""What steers the starter's generator: the silhouette ControlNet and the ink LoRA."""

import dagster as dg
import numpy as np

from genart_assets.defs.resources.starter_training import StarterTrainingResource
from genart_assets.defs.starter_training.data import starter_icons
from genart_assets.defs.starter_training.networks import starter_autoencoder, starter_generator, starter_latents
from genart_assets.defs.starter_training.reporting import SHOWN, described, effects_of, progress_logger
from genart_assets.defs.vocabulary import GPU, OWNERS, STARTER_TRAINING
from genart_assets.starter_training.captions import full_caption
from genart_assets.starter_training.spread import spread


@dg.asset(
    group_name=STARTER_TRAINING,
    owners=OWNERS,
    pool=GPU,
    kinds={"torch"},
    deps=[starter_icons, starter_autoencoder, starter_latents, starter_generator],
    code_version="1",
)
def starter_control(context: dg.AssetExecutionContext, training: StarterTrainingResource) -> dg.MaterializeResult:
    """The silhouette ControlNet of the generator."""
    from genart_assets.starter_training import control
    from genart_assets.starter_training.renderings import place_icons

    workshop = training.workshop
    words, made = workshop.words, workshop.generator()
    placed = place_icons(workshop.icons(), words.seen, control.VARIANTS, control.JITTER, control.SCHEDULE.seed)
    factor = workshop.latents().scaling_factor
    outlined = control.outline(
        workshop.autoencoder(), placed, words.backgrounds, factor, progress_logger(context, "latents")
    )
    model = control.new_control(made.unet).to(workshop.device)
    losses = control.train_control(model, made, outlined, list(words.backgrounds), effects_of(context, workshop))
    model.save_pretrained(workshop.path("starter_control", "silhouette"))
    return described({**losses, "parameters": sum(p.numel() for p in model.parameters())})


@dg.asset(
    group_name=STARTER_TRAINING,
    owners=OWNERS,
    pool=GPU,
    kinds={"torch"},
    deps=[starter_icons, starter_autoencoder, starter_latents, starter_generator],
    code_version="1",
)
def starter_style_lora(context: dg.AssetExecutionContext, training: StarterTrainingResource) -> dg.MaterializeResult:
    """The ink LoRA of the generator: a style that the generator never saw."""
    from genart_assets.starter_training import style_lora
    from genart_assets.starter_training.drawing import draw, pipeline_of
    from genart_assets.starter_training.latents import encode_renderings

    workshop = training.workshop
    words, icons, made, vae = workshop.words, workshop.icons(), workshop.generator(), workshop.autoencoder()
    factor = workshop.latents().scaling_factor
    vae.register_to_config(scaling_factor=factor)
    latents = encode_renderings(
        vae, icons, style_lora.training_pairs(icons, words), words.backgrounds, scaling_factor=factor
    )
    pipe = pipeline_of(made, vae)
    prompts = [full_caption(subject, words.lora_style, "white") for subject in spread(words.subjects, SHOWN)]

    def grid() -> list[np.ndarray]:
        return list(draw(pipe, prompts))

    unet, losses = style_lora.train_style_lora(made, latents, effects_of(context, workshop, grid))
    style_lora.save_style_lora(unet, workshop.path("starter_style_lora", "ink"))
    return described(losses, grid())
