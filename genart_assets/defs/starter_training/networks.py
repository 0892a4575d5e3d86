"""The starter's networks: autoencoder, generator and critic."""

import dagster as dg
import numpy as np

from genart_assets.defs.resources.starter_training import StarterTrainingResource
from genart_assets.defs.starter_training.data import starter_icons, starter_tokenizer
from genart_assets.defs.starter_training.reporting import SHOWN, described, effects_of, progress_logger, sample_prompts
from genart_assets.defs.vocabulary import GPU, OWNERS, STARTER_TRAINING
from genart_assets.starter_training.spread import spread


@dg.asset(group_name=STARTER_TRAINING, owners=OWNERS, pool=GPU, kinds={"torch"}, deps=[starter_icons], code_version="1")
def starter_autoencoder(context: dg.AssetExecutionContext, training: StarterTrainingResource) -> dg.MaterializeResult:
    """The autoencoder between pictures of 64 px and latents of 16×8×8."""
    from genart_assets.starter_training import autoencoder
    from genart_assets.starter_training.renderings import Jitter, place_icons

    workshop = training.workshop
    words, icons = workshop.words, workshop.icons()
    vae = autoencoder.new_autoencoder().to(workshop.device)
    placed = place_icons(icons, words.seen, autoencoder.VARIANTS, autoencoder.JITTER, autoencoder.SCHEDULE.seed)
    unseen = place_icons(icons, words.pairs, 1, Jitter(), autoencoder.SCHEDULE.seed + 1)
    colours = np.asarray(list(words.backgrounds.values()))
    rows = np.arange(len(words.pairs))
    pictures = unseen.over(rows, np.zeros_like(rows), colours[rows % len(colours)])

    def grid() -> list[np.ndarray]:
        some = np.stack(spread(list(pictures), SHOWN // 2))
        return [picture for two in zip(some, autoencoder.reconstruct(vae, some)[0], strict=True) for picture in two]

    effects = effects_of(context, workshop, grid)
    losses = autoencoder.train_autoencoder(vae, placed, effects)
    vae.save_pretrained(workshop.path("starter_autoencoder", "vae"))
    error = autoencoder.reconstruct(vae, pictures)[1]
    return described({**losses, "squared_error_on_new_renderings": error}, grid())


@dg.asset(
    group_name=STARTER_TRAINING,
    owners=OWNERS,
    pool=GPU,
    kinds={"torch"},
    deps=[starter_icons, starter_autoencoder],
    code_version="1",
)
def starter_latents(context: dg.AssetExecutionContext, training: StarterTrainingResource) -> dg.MaterializeResult:
    """Latents of every seen pair on every background, and the factor that scales them to unit deviation."""
    from genart_assets.starter_training.latents import encode_renderings

    workshop = training.workshop
    vae, words = workshop.autoencoder(), workshop.words
    latents = encode_renderings(
        vae, workshop.icons(), words.seen, words.backgrounds, progress_logger(context, "latents")
    )
    file = workshop.path("starter_latents", "latents.safetensors")
    file.parent.mkdir(parents=True, exist_ok=True)
    latents.save(file)
    return described({"latents": latents.values[..., 0, 0, 0].numel(), "scaling_factor": latents.scaling_factor})


@dg.asset(
    group_name=STARTER_TRAINING,
    owners=OWNERS,
    pool=GPU,
    kinds={"torch"},
    deps=[starter_tokenizer, starter_latents, starter_autoencoder],
    code_version="1",
)
def starter_generator(context: dg.AssetExecutionContext, training: StarterTrainingResource) -> dg.MaterializeResult:
    """The text encoder and the UNet, trained together."""
    from genart_assets.starter_training import generator
    from genart_assets.starter_training.drawing import draw, pipeline_of

    workshop = training.workshop
    latents, vae = workshop.latents(), workshop.autoencoder()
    vae.register_to_config(scaling_factor=latents.scaling_factor)
    made = generator.new_generator(workshop.tokenizer())
    made.to(workshop.device)
    pipe = pipeline_of(made, vae)

    prompts = sample_prompts(SHOWN // 2)

    def grid() -> list[np.ndarray]:
        return list(draw(pipe, prompts))

    losses = generator.train_generator(made, latents, effects_of(context, workshop, grid))
    folder = workshop.path("starter_generator")
    made.text_encoder.save_pretrained(folder / "text_encoder")
    made.unet.save_pretrained(folder / "unet")
    figures = {**losses, "parameters": sum(p.numel() for p in made.unet.parameters())}
    return described(figures, grid(), prompts)


@dg.asset(
    group_name=STARTER_TRAINING,
    owners=OWNERS,
    pool=GPU,
    kinds={"torch"},
    deps=[starter_icons, starter_tokenizer],
    code_version="1",
)
def starter_critic(context: dg.AssetExecutionContext, training: StarterTrainingResource) -> dg.MaterializeResult:
    """The CLIP that judges, trained apart from the generator on renderings of its own."""
    from genart_assets.starter_training import critic
    from genart_assets.starter_training.renderings import place_icons

    workshop = training.workshop
    words, tokenizer = workshop.words, workshop.tokenizer()
    model = critic.new_critic(tokenizer).to(workshop.device)
    placed = place_icons(workshop.icons(), words.pairs, critic.VARIANTS, critic.JITTER, critic.SCHEDULE.seed)
    losses = critic.train_critic(model, tokenizer, placed, words.backgrounds, effects_of(context, workshop))
    model.save_pretrained(workshop.path("starter_critic", "critic"))
    return described({**losses, "parameters": sum(p.numel() for p in model.parameters())})
