"""Law 1 with adapters: a row's bits depend on its recipe, not on what else was loaded, used or is in its batch."""

import hashlib
import itertools
import random
from collections.abc import Sequence

import pytest
import torch

from genart_assets.errors import InputError, ModelError
from genart_assets.models.adapters import Adapters, budget_bytes
from genart_assets.models.loading import load_model
from genart_assets.models.loras import lora_snapshot
from genart_assets.models.schedules import schedule_for
from genart_assets.records.plan import PlannedImage
from genart_assets.records.recipe import RecipeControl, RecipeLora
from genart_assets.stages.rendering.denoise import NO_INPUTS, denoise, in_switching_order
from genart_assets.stages.rendering.encode_prompts import encode_prompts, unique_texts
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.storage.pixels import pixel_sha256
from genart_assets_tests.models.tiny_controls import disc, shipped_control
from genart_assets_tests.models.tiny_loras import random_lora, used
from genart_assets_tests.starter_plans import starter_plan

ROWS = 4
DISC, BAR = disc(20), disc(9)
IMAGES = {pixel_sha256(image): image for image in (DISC, BAR)}


def latents_of(plan: Sequence[PlannedImage], inputs: Inputs = NO_INPUTS) -> dict[str, torch.Tensor]:
    """Recipe id to latents: pixels would hide the smallest differences."""
    model = load_model("starter")
    states = {
        text_id: row
        for encoded in encode_prompts(unique_texts(plan), model, ROWS)
        for text_id, row in zip(encoded.ids, encoded.data["states"], strict=True)
    }
    found: dict[str, torch.Tensor] = {}
    for drawn in denoise(plan, lambda ids: {"states": torch.stack([states[i] for i in ids])}, {}, model, ROWS, inputs):
        assert not drawn.failures
        found.update(zip(drawn.ids, drawn.data["latents"], strict=True))
    return found


def digests(latents: dict[str, torch.Tensor]) -> dict[str, str]:
    return {id: hashlib.sha256(latent.numpy().tobytes()).hexdigest() for id, latent in latents.items()}


@pytest.fixture(scope="module")
def loras(tmp_path_factory) -> dict[str, str]:
    """Name to where its file is: the shipped one, and two random ones of other layers and another rank."""
    folder = tmp_path_factory.mktemp("loras")
    return {
        "ink": "ink",
        "wild": str(random_lora(folder / "wild", 1)),
        "fringe": str(random_lora(folder / "fringe", 2, rank=7, targets=["ff.net.2", "proj_in"], dropout=0.5)),
    }


@pytest.fixture(scope="module")
def inputs(loras) -> Inputs:
    names = {lora_snapshot(name).snapshot_id: name for name in loras.values()}
    control = shipped_control()
    return Inputs({**names, control.snapshot: "silhouette"}, IMAGES.__getitem__)


@pytest.fixture(scope="module")
def plain():
    """Rendered before any adapter was loaded, where this module runs first."""
    plan = starter_plan(3, steps=2)
    return plan, digests(latents_of(plan))


@pytest.fixture(scope="module")
def mixed(loras) -> list[PlannedImage]:
    ink, wild, fringe = (used(loras[name]) for name in ("ink", "wild", "fringe"))
    half = ink.model_copy(update={"scale": 0.5})
    control = shipped_control(image=pixel_sha256(DISC))
    other = shipped_control(image=pixel_sha256(BAR))
    variants: list[tuple[tuple[RecipeLora, ...], RecipeControl | None]] = [
        ((), None),
        ((half,), None),
        ((ink,), None),
        ((wild,), None),
        ((ink, wild), None),
        ((wild, ink), None),
        ((half, wild, fringe), None),
        ((fringe,), None),
        ((), control),
        ((), other),
        ((), control.model_copy(update={"scale": 0.5})),
        ((ink,), control),
    ]
    return [
        planned.model_copy(update={"recipe": planned.recipe.model_copy(update={"loras": chosen, "control": steering})})
        for chosen, steering in variants
        for planned in starter_plan(2, steps=2)
    ]


@pytest.fixture(scope="module")
def alone(plain, mixed, inputs):
    return {
        recipe_id: digest
        for planned in mixed[::2]
        for recipe_id, digest in digests(latents_of([planned], inputs)).items()
    }


def test_every_steering_gives_another_picture(mixed, alone):
    assert len(set(alone.values())) == len(alone) == len(mixed) / 2


@pytest.mark.parametrize("seed", range(2))
def test_a_mixed_batch_in_any_order_has_the_bits_of_each_rendered_alone(mixed, alone, inputs, seed):
    shuffled = random.Random(seed).sample(mixed, len(mixed))
    assert alone.items() <= digests(latents_of(shuffled, inputs)).items()


def test_a_plain_picture_has_the_bits_that_it_had_before_any_adapter_was_loaded(plain, alone):
    plan, before = plain
    assert digests(latents_of(plan)) == before
    assert before.items() & alone.items()  # the mixed batch's plain rows are among them


def test_bits_are_the_same_where_the_budget_lets_no_adapter_stay(mixed, alone, inputs, monkeypatch):
    model = load_model("starter")
    monkeypatch.setattr(model.adapters, "_budget", 0)
    assert alone.items() <= digests(latents_of(mixed[::2], inputs)).items()
    assert model.adapters.resident == ()


def test_the_least_recently_used_adapter_leaves_first(loras, inputs):
    model = load_model("starter")
    ink, wild, fringe = (used(loras[name]) for name in ("ink", "wild", "fringe"))
    pipe = model.pipe
    model.adapters.switch((), {})
    pipe.unload_lora_weights()
    try:
        adapters = Adapters(model.family, pipe, budget=10**9)
        adapters.switch([ink], inputs.files)
        adapters.switch([wild], inputs.files)
        adapters.switch([ink], inputs.files)
        assert adapters.resident == (wild.snapshot, ink.snapshot)
        tight = adapters.bytes
        adapters._budget = tight
        adapters.switch([fringe], inputs.files)
        assert wild.snapshot not in adapters.resident
        assert adapters.resident[-1] == fringe.snapshot
        assert adapters.bytes <= tight
        adapters._budget = 1
        adapters.switch([ink, wild], inputs.files)
        assert set(adapters.resident) == {ink.snapshot, wild.snapshot}
    finally:
        pipe.unload_lora_weights()
        pipe.unet.requires_grad_(True)
        object.__setattr__(model, "adapters", Adapters(model.family, pipe, budget_bytes()))


def test_groups_with_the_same_loras_lie_beside_each_other_and_those_at_hand_come_first(mixed):
    groups = [[planned] for planned in random.Random(5).sample(mixed, len(mixed))]
    ink = next(p.recipe.loras[0].snapshot for p in mixed if p.recipe.loras)
    ordered = [group[0].recipe for group in in_switching_order(groups, [ink])]
    assert not ordered[0].loras
    assert not ordered[0].control
    switched = [tuple(lora.snapshot for lora in recipe.loras) for recipe in ordered if not recipe.control]
    changes = sum(a != b for a, b in itertools.pairwise(switched))
    assert changes == len(set(switched)) - 1
    first_with_loras = next(loras for loras in switched if loras)
    assert first_with_loras == (ink,)


def test_weights_that_changed_since_the_plan_are_refused(tmp_path):
    folder = random_lora(tmp_path / "changing", 3)
    planned = used(folder)
    random_lora(folder, 4)
    with pytest.raises(ModelError, match="the plan was made for"):
        load_model("starter").adapters.switch([planned], {planned.snapshot: str(folder)})


def test_a_snapshot_that_no_name_leads_to_is_refused():
    unknown = RecipeLora(name="lost", snapshot="9" * 64, scale=1.0)
    with pytest.raises(ModelError, match="not known here"):
        load_model("starter").adapters.switch([unknown], {})


def test_after_a_refusal_the_model_renders_as_before(plain):
    plan, before = plain
    assert digests(latents_of(plan)) == before


def test_a_load_that_fails_half_way_leaves_nothing_behind(plain, tmp_path, monkeypatch):
    from peft.tuners.lora import layer

    folder, (plan, before) = random_lora(tmp_path / "large", 6), plain
    large, inject, layers = used(folder), layer.LoraLayer.update_layer, iter(range(9))

    def until_memory_ends(self, *arguments, **named):
        if next(layers, None) is None:
            raise torch.OutOfMemoryError
        inject(self, *arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(layer.Linear, "update_layer", until_memory_ends, raising=False)
        with pytest.raises(torch.OutOfMemoryError):
            load_model("starter").adapters.switch([large], {large.snapshot: str(folder)})
    assert large.snapshot not in load_model("starter").adapters.resident
    assert not any(large.snapshot in getattr(one, "lora_A", ()) for one in load_model("starter").pipe.unet.modules())
    assert digests(latents_of(plan)) == before
    load_model("starter").adapters.switch([large], {large.snapshot: str(folder)})
    load_model("starter").adapters.switch((), {})


def test_a_budget_that_is_no_number_is_refused(monkeypatch):
    monkeypatch.setenv("GENART_ADAPTER_BYTES", "much")
    with pytest.raises(InputError, match="GENART_ADAPTER_BYTES"):
        budget_bytes()


def test_half_a_lora_changes_less_than_a_whole_one(mixed, inputs):
    plain, half, whole = latents_of(mixed[:6:2], inputs).values()
    assert 0 < (plain - half).abs().mean() < (plain - whole).abs().mean()


def test_two_batches_in_turn_and_one_left_in_the_middle_keep_their_bits(loras, inputs):
    """A generator that an error left behind is closed whenever Python's collector comes by."""
    model, wild = load_model("starter"), used(loras["wild"])
    plain = starter_plan(2, steps=2)
    changes = {"loras": (wild,), "schedule": schedule_for("starter", "euler", 2, (64, 64))}
    steered = [one.model_copy(update={"recipe": one.recipe.model_copy(update=changes)}) for one in plain]
    (texts,) = encode_prompts(unique_texts(plain), model, ROWS)
    states = dict(zip(texts.ids, texts.data["states"], strict=True))

    def drawing(plan: Sequence[PlannedImage]):
        return denoise(plan, lambda ids: {"states": torch.stack([states[i] for i in ids])}, {}, model, 1, inputs)

    left, following = drawing(plain), drawing(steered)
    found = [next(left), next(following), next(left)]
    left.close()
    found += following
    for part, one in zip(found, (plain[0], steered[0], plain[1], steered[1]), strict=True):
        (alone,) = drawing([one])
        assert part.ids == alone.ids
        assert part.data["latents"].equal(alone.data["latents"])


def test_a_controlnet_beyond_the_budget_leaves_once_the_batch_is_drawn(mixed, inputs, monkeypatch):
    model = load_model("starter")
    monkeypatch.setattr(model.adapters, "_budget", 0)
    controls_alone = [one for one in mixed if one.recipe.control and not one.recipe.loras][:2]
    latents_of(controls_alone, inputs)
    assert model.adapters.resident == ()
