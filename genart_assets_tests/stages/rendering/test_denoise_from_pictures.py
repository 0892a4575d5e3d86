"""Law 1 and 4 with start pictures: bits are the recipe's own in any batch, and a lost picture is one row's matter."""

import hashlib
import random

import numpy as np
import pytest

from genart_assets.errors import ModelError, StorageError
from genart_assets.models.loading import load_model
from genart_assets.models.loras import lora_snapshot
from genart_assets.records.recipe import RecipeLora, RecipeStart
from genart_assets.stages.rendering.decode import decode
from genart_assets.stages.rendering.denoise import denoise
from genart_assets.stages.rendering.encode_prompts import encode_prompts, unique_texts
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.stages.rendering.keep_outside import kept_outside
from genart_assets.stages.rendering.render import render
from genart_assets.storage.pixels import pixel_sha256
from genart_assets_tests.deliverables.samples import icon
from genart_assets_tests.models.tiny_controls import disc, shipped_control
from genart_assets_tests.starter_plans import starter_plan

ROWS, STEPS = 4, 3
ICONS = [np.asarray(icon(k)) for k in range(3)]
SHAPE, HOLE, OTHER_HOLE = disc(20), disc(16), disc(8)
PICTURES = {pixel_sha256(picture): picture for picture in (*ICONS, SHAPE, HOLE, OTHER_HOLE)}
INK = lora_snapshot("ink").snapshot_id
INPUTS = Inputs({INK: "ink", shipped_control().snapshot: "silhouette"}, PICTURES.__getitem__, PICTURES.__getitem__)


def from_picture(k: int, strength: float = 0.6, mask: np.ndarray | None = None) -> RecipeStart:
    return RecipeStart(
        image=pixel_sha256(ICONS[k]), strength=strength, mask=None if mask is None else pixel_sha256(mask)
    )


LORAS = (RecipeLora(name="ink", snapshot=INK, scale=0.7),)
CONTROL = shipped_control(image=pixel_sha256(SHAPE), scale=0.8)
KINDS = [
    {},
    {"control": CONTROL},
    {"start": from_picture(0)},
    {"start": from_picture(1)},
    {"start": from_picture(1, 0.9)},
    {"start": from_picture(0, 0.6, HOLE)},
    {"start": from_picture(2, 0.6, OTHER_HOLE)},
    {"start": from_picture(2, 1.0, HOLE)},
    {"start": from_picture(2), "control": CONTROL, "loras": LORAS},
    {"start": from_picture(2, 0.6, HOLE), "control": CONTROL},
    {"start": from_picture(0), "loras": LORAS, "guidance_rescale": 0.5},
    {"loras": LORAS},
]


def with_changes(planned, changes):
    return planned.model_copy(update={"recipe": planned.recipe.model_copy(update=changes)})


def mixed(sampler="model"):
    first, second = starter_plan(2, steps=STEPS, sampler=sampler)
    return [*(with_changes(first, kind) for kind in KINDS), *(with_changes(second, kind) for kind in KINDS[2:7])]


def digests(pictures):
    return {recipe_id: hashlib.sha256(picture.tobytes()).hexdigest() for recipe_id, picture in pictures.items()}


@pytest.fixture(scope="module")
def model():
    return load_model("starter")


def test_a_mixed_batch_in_every_order_has_the_bits_of_each_row_alone(model):
    plan = mixed()
    alone = {id: bits for row in plan for id, bits in digests(render([row], model, ROWS, INPUTS)).items()}
    assert len(set(alone.values())) == len(plan)
    for seed in range(2):
        random.Random(seed).shuffle(plan)
        assert digests(render(plan, model, ROWS, INPUTS)) == alone
    assert digests(render(plan[5:], model, ROWS, INPUTS)).items() <= alone.items()


def test_a_multistep_sampler_carries_nothing_from_row_to_row(model):
    plan = mixed("dpm++")[2:8]
    together = digests(render(plan[::-1], model, ROWS, INPUTS))
    for row in plan[1:4]:
        assert digests(render([row], model, ROWS, INPUTS)).items() <= together.items()


def test_the_less_the_strength_the_nearer_the_picture(model):
    (row,) = starter_plan(1, steps=10, guidance=1.0)
    plan = [with_changes(row, {"start": from_picture(0, strength)}) for strength in (0.1, 0.4, 1.0)]
    drawn = render(plan, model, ROWS, INPUTS)
    errors = [np.square(drawn[row.recipe_id].astype(float) - ICONS[0]).mean() for row in plan]
    assert errors[0] < errors[1] < errors[2]


def test_outside_of_the_mask_every_pixel_is_the_pictures_and_inside_none_stays(model):
    (row,) = starter_plan(1, steps=STEPS)
    for strength in (0.6, 1.0):
        masked = with_changes(row, {"start": from_picture(0, strength, HOLE)})
        drawn = render([masked], model, ROWS, INPUTS)[masked.recipe_id]
        white = HOLE[..., 0] == 255
        assert np.array_equal(drawn[~white], ICONS[0][~white])
        assert (drawn[white] != ICONS[0][white]).any(axis=-1).mean() > 0.95


def gone(sha256):
    if sha256 not in PICTURES:
        raise StorageError(f"{sha256} is gone")
    return PICTURES[sha256]


@pytest.mark.parametrize("lost", [{"image": "0" * 64}, {"mask": "0" * 64}])
def test_a_picture_that_is_lost_fails_its_row_and_no_neighbour(model, lost):
    plan = [with_changes(row, {"start": from_picture(0, 0.6, HOLE)}) for row in starter_plan(3, steps=STEPS)]
    bad = with_changes(plan[1], {"start": plan[1].recipe.start.model_copy(update=lost)})
    expected = digests(render(plan, model, ROWS, INPUTS))
    inputs = Inputs(start=gone)
    name = "start picture" if "image" in lost else "mask"
    rows = [plan[0], bad, plan[2]]
    (failed, latents) = denoise(rows, states_of(rows, model), {}, model, ROWS, inputs)
    assert failed.failures == {bad.recipe_id: f"{name}: {'0' * 64} is gone"}
    (pictures,) = decode([latents], model, ROWS, kept_outside(rows, inputs))
    assert digests(dict(zip(pictures.ids, pictures.data, strict=True))).items() <= expected.items()
    with pytest.raises(ModelError, match=f"failed: {name}"):
        render(rows, model, ROWS, inputs)


def test_a_picture_that_is_lost_after_the_latents_fails_its_row_and_no_neighbour(model):
    plan = [with_changes(row, {"start": from_picture(k, 0.6, HOLE)}) for k, row in enumerate(starter_plan(3, steps=2))]
    (latents,) = denoise(plan, states_of(plan, model), {}, model, ROWS, INPUTS)
    without = {sha256: picture for sha256, picture in PICTURES.items() if sha256 != pixel_sha256(ICONS[1])}

    def read(sha256):
        if sha256 not in without:
            raise StorageError("the picture is gone")
        return without[sha256]

    (pictures,) = decode([latents], model, ROWS, kept_outside(plan, Inputs(start=read)))
    assert pictures.failures == {plan[1].recipe_id: "start picture or mask: the picture is gone"}
    assert digests(dict(zip(pictures.ids, pictures.data, strict=True))).items() <= (
        digests(render(plan, model, ROWS, INPUTS)).items()
    )


def states_of(plan, model):
    import torch

    states = {}
    for encoded in encode_prompts(unique_texts(plan), model, ROWS):
        states.update(zip(encoded.ids, encoded.data["states"], strict=True))
    return lambda ids: {"states": torch.stack([states[i] for i in ids])}
