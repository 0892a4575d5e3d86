import numpy as np
import pytest
import torch

from genart_assets.starter_training.generator import Generator, draw_rows, new_generator, velocity_loss
from genart_assets.starter_training.latents import CachedLatents
from genart_assets.starter_training.tokenizer import LENGTH, train_tokenizer
from genart_assets_tests.starter_training.icon_packages import WORDS


@pytest.fixture(scope="module")
def made(sources) -> Generator:
    return new_generator(train_tokenizer(WORDS, sources))


@pytest.fixture
def latents() -> CachedLatents:
    values = torch.arange(len(WORDS.pairs) * 2 * 2).float().reshape(-1, 2, 2, 1, 1, 1).expand(-1, -1, -1, 16, 8, 8)
    return CachedLatents(WORDS.pairs, tuple(WORDS.backgrounds), values / 100, 1.0)


def test_drawn_captions_tell_what_the_drawn_latents_show(latents):
    wanted, captions = draw_rows(latents, np.random.default_rng(0), 64)
    for row, caption in zip(wanted, captions, strict=True):
        number = round(float(row[0, 0, 0]) * 100)
        pair, background = WORDS.pairs[number // 4], tuple(WORDS.backgrounds)[number % 2]
        named = {word for word in (*WORDS.subjects, *WORDS.styles, *WORDS.backgrounds) if word in caption.split()}
        assert named <= {pair.subject, pair.style, background}


def test_states_have_the_shape_that_the_unet_takes(made):
    assert made.states(["flat icon of ball", ""]).shape == (2, LENGTH, made.unet.config.cross_attention_dim)


def test_an_untrained_network_is_about_as_wrong_as_guessing_zero(made, latents):
    wanted, captions = draw_rows(latents, np.random.default_rng(0), 4)
    with torch.no_grad():
        loss = velocity_loss(made, torch.stack(wanted), captions, np.random.default_rng(1))
    assert 0.3 < loss.item() < 2.5


def test_the_noisiest_timestep_holds_nothing_of_the_picture(made):
    clean, noise = torch.ones(1, 16, 8, 8), torch.zeros(1, 16, 8, 8)
    last = torch.tensor([made.scheduler.config.num_train_timesteps - 1])
    assert made.scheduler.add_noise(clean, noise, last).abs().max() < 1e-6
    assert torch.equal(made.scheduler.get_velocity(clean, noise, last).round(), -clean)


def test_timesteps_are_oftener_noisy_than_not(made, monkeypatch):
    asked: list[int] = []
    forward = made.unet.forward
    monkeypatch.setattr(made.unet, "forward", lambda x, t, *a, **k: asked.extend(t.tolist()) or forward(x, t, *a, **k))
    with torch.no_grad():
        velocity_loss(made, torch.zeros(64, 16, 8, 8), [""] * 64, np.random.default_rng(2))
    assert len(asked) == 64
    assert 0 <= min(asked) < 200 < 960 < max(asked) < 1000
    assert 0.65 < np.mean(np.array(asked) >= 500) < 0.85
