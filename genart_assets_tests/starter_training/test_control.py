import numpy as np
import torch

from genart_assets.starter_training.autoencoder import new_autoencoder
from genart_assets.starter_training.control import JITTER, new_control, outline, silhouettes
from genart_assets.starter_training.generator import new_generator
from genart_assets.starter_training.renderings import place_icons
from genart_assets.starter_training.tokenizer import train_tokenizer
from genart_assets.starter_training.vocabulary import Pair
from genart_assets_tests.starter_training.icon_packages import WORDS


def test_a_silhouette_is_one_on_the_icon_and_zero_around_it(icons):
    placed = place_icons(icons, [Pair("box", "flat")], 1, JITTER, seed=0)
    [outlined] = silhouettes(placed.values[:, 0])
    assert outlined.shape == (3, 64, 64)
    assert (outlined.min(), outlined.max()) == (0.0, 1.0)
    assert ((outlined[0] > 0.5) == (placed.values[0, 0, ..., 3] > 127)).all()


def test_every_rendering_has_the_latents_of_its_own_background(icons):
    vae = new_autoencoder()
    placed = place_icons(icons, WORDS.pairs[:3], 2, JITTER, seed=0)
    made = outline(vae, placed, WORDS.backgrounds, scaling_factor=1.0)
    assert made.latents.shape == (3, 2, 16, 8, 8)
    again = outline(vae, placed, WORDS.backgrounds, scaling_factor=1.0)
    assert (made.behind == again.behind).all()
    assert torch.equal(made.latents, again.latents)


def test_an_untrained_control_changes_nothing(sources):
    made = new_generator(train_tokenizer(WORDS, sources))
    net = new_control(made.unet)
    rows = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 16, 8, 8), np.float32))
    with torch.no_grad():
        down, mid = net(rows, 500, made.states(["ball", "box"]), torch.ones(2, 3, 64, 64), return_dict=False)
    assert all((part == 0).all() for part in (*down, mid))
