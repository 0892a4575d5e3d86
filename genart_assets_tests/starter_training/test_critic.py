from dataclasses import replace

import numpy as np
import pytest
import torch

from genart_assets.starter_training import critic
from genart_assets.starter_training.loop import Effects
from genart_assets.starter_training.renderings import as_tensor_values, place_icons
from genart_assets.starter_training.tokenizer import train_tokenizer
from genart_assets_tests.starter_training.icon_packages import WORDS


def test_pictures_are_worn_within_their_range_and_alike_for_a_seed():
    pictures = torch.from_numpy(
        as_tensor_values(np.random.default_rng(0).integers(256, size=(8, 64, 64, 3), dtype=np.uint8))
    )
    one, same, other = (critic.augmented(pictures, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert one.shape == pictures.shape
    assert -1 <= one.min() <= one.max() <= 1


@pytest.mark.slow
def test_it_learns_to_tell_four_shapes_apart(icons, sources, tmp_path, monkeypatch):
    monkeypatch.setattr(critic, "SCHEDULE", replace(critic.SCHEDULE, steps=500, rows=4, warm_up=20, rate=5e-4))
    tokenizer = train_tokenizer(WORDS, sources)
    placed = place_icons(icons, WORDS.pairs, 4, critic.JITTER, seed=1)
    model = critic.new_critic(tokenizer)
    losses = critic.train_critic(model, tokenizer, placed, WORDS.backgrounds, Effects(tmp_path))
    assert losses["contrast"] < 0.5 < np.log(len(WORDS.subjects))
