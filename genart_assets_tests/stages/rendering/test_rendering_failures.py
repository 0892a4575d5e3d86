"""A bad row stays alone: in prompt states, latents, decoder. The NaN is injected, all else is real."""

import numpy as np
import pytest
import torch

from genart_assets.errors import StorageError
from genart_assets.models.loading import load_model
from genart_assets.records.base import sha256_hex
from genart_assets.records.streams import MicroBatch
from genart_assets.stages.judging.embed_images import embed_images
from genart_assets.stages.rendering.decode import decode
from genart_assets.stages.rendering.denoise import denoise
from genart_assets.stages.rendering.encode_prompts import encode_prompts, unique_texts
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.storage.pixels import pixel_sha256
from genart_assets_tests.models.tiny_controls import disc, shipped_control
from genart_assets_tests.starter_plans import render, starter_plan

ROWS = 16


@pytest.fixture(scope="module")
def model():
    return load_model("starter")


@pytest.fixture(scope="module")
def plan():
    return starter_plan(5, steps=2)


def states_of(plan, model):
    states = {}
    for encoded in encode_prompts(unique_texts(plan), model, ROWS):
        states.update(zip(encoded.ids, encoded.data["states"], strict=True))
    return states


def latents_of(plan, model, failed_texts=None):
    states = states_of(plan, model)
    return list(
        denoise(plan, lambda ids: {"states": torch.stack([states[i] for i in ids])}, failed_texts or {}, model, ROWS)
    )


def test_each_unique_text_is_encoded_once(plan):
    texts = unique_texts([*plan, *plan])
    assert len(texts) == 6  # five prompts and the empty negative prompt
    assert all(sha256_hex(text) == text_id for text_id, text in texts.items())


def test_states_that_are_not_finite_fail_their_text(plan, model, monkeypatch):
    whole = type(model.family).encode

    def poisoned(self, pipe, texts):
        states = whole(self, pipe, texts)
        states["states"][2] = torch.nan
        return states

    monkeypatch.setattr(type(model.family), "encode", poisoned)
    texts = unique_texts(plan)
    (encoded,) = encode_prompts(texts, model, ROWS)
    poison = list(texts)[2]
    assert encoded.failures == {poison: "the prompt's states are not finite"}
    assert poison not in encoded.ids
    assert len(encoded.ids) == len(encoded.data["states"]) == len(texts) - 1


def test_an_image_of_a_failed_text_fails_with_its_reason_and_nobody_else(plan, model):
    failed_text = sha256_hex(plan[1].recipe.prompt)
    found = latents_of(plan, model, {failed_text: "poison"})
    failures = {row: reason for part in found for row, reason in part.failures.items()}
    assert failures == {plan[1].recipe_id: "poison"}
    kept = {row: latent for part in found for row, latent in zip(part.ids, part.data.get("latents", ()), strict=True)}
    undisturbed = latents_of(plan, model)[0]
    for row, latent in zip(undisturbed.ids, undisturbed.data["latents"], strict=True):
        if row != plan[1].recipe_id:
            assert torch.equal(kept[row], latent)


def test_a_latent_that_is_not_finite_fails_its_row_and_no_neighbour(plan, model):
    (latents,) = latents_of(plan, model)
    data = latents.data["latents"].clone()
    data[3, 0, 0, 0] = torch.nan
    (pictures,) = decode([MicroBatch(latents.ids, {"latents": data})], model, ROWS)
    assert pictures.failures == {plan[3].recipe_id: "the decoded picture is not finite"}
    expected = render(plan)
    for row, picture in zip(pictures.ids, pictures.data, strict=True):
        assert np.array_equal(picture, expected[row])


def test_failures_are_passed_on_by_the_stages_below(model):
    nothing = MicroBatch((), {}, {"a": "the latents are not finite"})
    (pictures,) = decode([nothing], model, ROWS)
    assert (pictures.ids, pictures.failures) == ((), nothing.failures)
    (embedded,) = embed_images([pictures], clip=None)  # type: ignore[arg-type]  # nothing is left to embed
    assert embedded.failures == nothing.failures


def test_a_control_image_that_is_missing_fails_its_row_and_no_neighbour(plan, model):
    images = {pixel_sha256(disc(radius)): disc(radius) for radius in (10, 20, 25)}

    def picture(sha256):
        if sha256 not in images:
            raise StorageError("the picture is gone")
        return images[sha256]

    hashes = [*images, "0" * 64]
    rows = [
        planned.model_copy(
            update={"recipe": planned.recipe.model_copy(update={"control": shipped_control(image=image)})}
        )
        for planned, image in zip(plan, hashes, strict=False)
    ]
    states = states_of(rows, model)
    inputs = Inputs({shipped_control().snapshot: "silhouette"}, picture)

    def take(ids):
        return {"states": torch.stack([states[i] for i in ids])}

    found = list(denoise(rows, take, {}, model, ROWS, inputs))
    (undisturbed,) = denoise(rows[:3], take, {}, model, ROWS, inputs)
    assert {row: reason for part in found for row, reason in part.failures.items()} == {
        rows[3].recipe_id: "control image: the picture is gone"
    }
    (kept,) = [part for part in found if part.ids]
    assert kept.ids == undisturbed.ids
    assert torch.equal(kept.data["latents"], undisturbed.data["latents"])
