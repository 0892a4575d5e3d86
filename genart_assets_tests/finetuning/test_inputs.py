"""Pictures and captions are encoded as the model's own decoder and UNet expect them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from genart_assets.errors import InputError
from genart_assets.finetuning.inputs import encode_data, read_training_data
from genart_assets.models.loading import load_model
from genart_assets_tests.finetuning.sets import small_data, small_set


def test_the_decoder_takes_the_latents_back_to_the_pictures() -> None:
    model, data = load_model("starter"), small_data(4)
    encoded = encode_data(model, data)
    with torch.inference_mode():
        decoded = model.family.decode(model.pipe, encoded.latents).permute(0, 2, 3, 1).numpy() * 255
    error = np.abs(decoded - data.pictures).mean()
    assert error < 8, "of 255"
    assert 0.3 < float(encoded.latents.std()) < 3


def test_each_caption_is_encoded_once_and_the_first_is_empty() -> None:
    model, data = load_model("starter"), small_data(6, pairs=2)
    encoded = encode_data(model, data)
    assert len(encoded.states["states"]) == 1 + 4
    assert encoded.text_of.min() > 0
    empty = model.family.encode(model.pipe, [""] * 16)["states"][0]
    assert torch.equal(encoded.states["states"][0], empty)
    assert encoded.preferred.shape == encoded.rejected.shape == (2, 16, 8, 8)
    assert encoded.size == (64, 64)


def test_a_picture_that_changed_since_it_was_reviewed_is_refused() -> None:
    made, files = small_set(2)
    files[made.rows[0].path] = files[made.rows[1].path]
    with pytest.raises(InputError, match="has changed: its pixel hash differs"):
        read_training_data(made, files.__getitem__)
