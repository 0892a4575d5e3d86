import torch

from genart_assets.starter_training.autoencoder import new_autoencoder
from genart_assets.starter_training.latents import CachedLatents, encode_renderings
from genart_assets_tests.starter_training.icon_packages import WORDS


def test_latents_are_scaled_to_unit_deviation_and_read_back_as_stored(icons, tmp_path):
    vae = new_autoencoder()
    told: list[tuple[int, int]] = []
    made = encode_renderings(vae, icons, WORDS.seen, WORDS.backgrounds, lambda *done: told.append(done), variants=3)
    rows = len(WORDS.seen) * 3 * 2
    assert made.values.shape == (len(WORDS.seen), 3, 2, 16, 8, 8)
    assert abs(made.values.std().item() - 1) < 1e-4
    assert told[-1] == (rows, rows)
    made.save(tmp_path / "latents.safetensors")
    read = CachedLatents.load(tmp_path / "latents.safetensors", WORDS.seen, tuple(WORDS.backgrounds))
    assert torch.equal(read.values, made.values)
    assert read.scaling_factor == made.scaling_factor


def test_a_given_factor_is_kept(icons):
    vae, pairs = new_autoencoder(), WORDS.seen[:1]
    one = encode_renderings(vae, icons, pairs, WORDS.backgrounds, variants=1, scaling_factor=1.0)
    two = encode_renderings(vae, icons, pairs, WORDS.backgrounds, variants=1, scaling_factor=2.0)
    torch.testing.assert_close(two.values, 2 * one.values)


def test_each_latent_is_of_its_pair_and_its_background(icons):
    vae = new_autoencoder()
    made = encode_renderings(vae, icons, WORDS.seen, WORDS.backgrounds, variants=1, scaling_factor=1.0)
    swapped = dict(reversed(WORDS.backgrounds.items()))
    turned = encode_renderings(vae, icons, WORDS.seen, swapped, variants=1, scaling_factor=1.0)
    torch.testing.assert_close(turned.values.flip(2), made.values)
