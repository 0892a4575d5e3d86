from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.errors import InputError
from genart_assets.records.base import canonical_json
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Origin, Slot
from genart_assets.records.recipe import Recipe, RecipeControl, RecipeLora, RecipeStart, Schedule
from genart_assets.records.retry import SlotRetry
from genart_assets.stages.planning.latitudes import OutsideLatitudes, settings_of
from genart_assets.stages.planning.plan import (
    batches_of,
    plan_batch,
    plan_retry_batch,
    seed_of,
    slot_at,
    slots,
)
from genart_assets_tests.stages.planning.plans import SCHEDULE, SNAPSHOT, VARY, brief_of

names = st.text(st.characters(codec="utf-8", exclude_characters="{}[].!:"), min_size=1, max_size=5)
varies = st.dictionaries(names, st.lists(st.text(max_size=4), min_size=1, max_size=4, unique=True), max_size=4)


@given(varies, st.integers(1, 3))
def test_a_slot_at_a_position_is_the_enumerated_one(vary: dict[str, list[str]], repeats: int) -> None:
    brief = brief_of(vary={name: tuple(values) for name, values in vary.items()}, repeats=repeats)
    combinations = itertools.product(*vary.values(), range(repeats))
    expected = [(dict(zip(vary, values, strict=True)), repeat) for *values, repeat in combinations]
    assert [(slot.values, slot.repeat) for slot in slots(brief)] == expected
    assert [slot.index for slot in slots(brief)] == list(range(brief.slot_count))
    assert len({seed_of("fruit", slot, 0) for slot in slots(brief)}) == brief.slot_count


def test_a_position_outside_is_no_slot() -> None:
    for index in (-1, 24):
        with pytest.raises(IndexError):
            slot_at(brief_of(), index)


def test_the_seed_is_the_documented_hash() -> None:
    """Pinned: another seed is another image for every recipe ever planned."""
    slot = Slot(brief="fruit", index=7, values={"subject": "pear", "background": "teal"}, repeat=1)
    assert seed_of("fruit", slot, 0) == 16933594001619666181
    assert seed_of("fruit", slot, 1) == 16818398951181895143


def test_a_subject_more_leaves_the_other_seeds_alone() -> None:
    def seeds(brief: Brief) -> dict[str, int]:
        return {
            canonical_json([*slot.values.values(), slot.repeat]): seed_of("fruit", slot, 0) for slot in slots(brief)
        }

    more = seeds(brief_of(vary={**VARY, "subject": ("fig", "pear", "plum")}))
    assert seeds(brief_of()).items() <= more.items()


def test_batches_cover_the_slots_in_order() -> None:
    batches = list(batches_of(brief_of(), SNAPSHOT, 10))
    assert [(batch.first_row, batch.rows, batch.index, batch.round) for batch in batches] == [
        (0, 10, 0, 0),
        (10, 10, 1, 0),
        (20, 4, 2, 0),
    ]
    stem = batches[0].key.removesuffix(".r0.0000")
    assert stem.startswith("fruit.")
    assert [batch.key for batch in batches] == [f"{stem}.r0.{index:04d}" for index in range(3)]


def test_other_content_weights_or_batch_size_are_other_batches() -> None:
    variants = [
        (brief_of(), SNAPSHOT, 10),
        (brief_of(negative_prompt="blurry"), SNAPSHOT, 10),
        (brief_of(), "6" * 64, 10),
        (brief_of(), SNAPSHOT, 11),
        (brief_of(vary=dict(reversed(VARY.items()))), SNAPSHOT, 10),
    ]
    assert len({next(batches_of(*variant)).key for variant in variants}) == len(variants)


def test_a_batch_has_at_least_one_row() -> None:
    with pytest.raises(InputError, match="batches of 0 rows"):
        batches_of(brief_of(), SNAPSHOT, 0)


def test_a_plan_holds_the_recipe_of_every_slot() -> None:
    brief = brief_of(negative_prompt="blurry", size=(64, 72), sampler={"steps": 7, "guidance": 3})
    plan = [image for batch in batches_of(brief, SNAPSHOT, 10) for image in plan_batch(brief, batch, SCHEDULE)]
    assert [image.slot for image in plan] == list(slots(brief))
    assert len({image.recipe_id for image in plan}) == 24
    recipe = plan[3].recipe
    assert (recipe.prompt, recipe.negative_prompt, recipe.steps, recipe.guidance) == (
        "pear classic navy",
        "blurry",
        7,
        3.0,
    )
    assert (recipe.width, recipe.height, recipe.model_snapshot) == (64, 72, SNAPSHOT)
    assert recipe.seed == seed_of("fruit", plan[3].slot, 0)
    assert recipe.schedule is SCHEDULE


CONTROL = {
    "kind": "silhouette",
    "image": "outlines/{subject}.png",
    "scale": 0.7,
    "snapshot": "c" * 64,
    "images": {f"outlines/{subject}.png": {"sha256": subject} for subject in ("pear", "plum")},
}
START = {
    "image": "{subject}.png",
    "mask": "hole.png",
    "strength": 0.4,
    "images": {f"{subject}.png": {"sha256": subject} for subject in VARY["subject"]},
    "masks": {"hole.png": {"sha256": "hole"}},
}


def test_a_recipe_holds_the_hashes_of_its_loras_and_of_its_slots_control_image() -> None:
    lora = {"name": "/studio/loras/house.safetensors", "scale": 0.8, "snapshot": "a" * 64}
    brief = brief_of(control=CONTROL, loras=(lora,))
    recipe = plan_batch(brief, next(batches_of(brief, SNAPSHOT, 24)), SCHEDULE)[-1].recipe
    assert recipe.control == RecipeControl(kind="silhouette", snapshot="c" * 64, image="plum", scale=0.7)
    assert recipe.loras == (RecipeLora(name="house", snapshot="a" * 64, scale=0.8),)


def test_every_slot_has_the_start_picture_and_the_mask_of_its_paths() -> None:
    brief = brief_of(start=START)
    plan = plan_batch(brief, next(batches_of(brief, SNAPSHOT, 24)), SCHEDULE)
    for image in plan:
        assert image.recipe.start == RecipeStart(image=image.slot.values["subject"], strength=0.4, mask="hole")
    whole = brief_of(start={**START, "mask": None, "masks": {}})
    [image, *_] = plan_batch(whole, next(batches_of(whole, SNAPSHOT, 24)), SCHEDULE)
    assert image.recipe.start == RecipeStart(image="pear", strength=0.4)
    assert '"start":{"image":"pear","strength":0.4}' in image.recipe.canonical()


@pytest.mark.parametrize(
    "unfrozen",
    [
        {"loras": ({"name": "ink"},)},
        {"control": {**CONTROL, "images": {}}},
        {"control": {**CONTROL, "snapshot": ""}},
        {"start": {**START, "images": {}}},
        {"start": {**START, "masks": {}}},
    ],
)
def test_nothing_is_planned_of_names_whose_hashes_were_not_taken(unfrozen) -> None:
    brief = brief_of(**unfrozen)
    with pytest.raises(InputError, match="without the hash"):
        plan_batch(brief, next(batches_of(brief, SNAPSHOT, 24)), SCHEDULE)


@pytest.mark.parametrize(
    ("change", "told"),
    [({"guidance": 49.0}, "guidance is 49, outside"), ({"prompt": "a gun"}, "the prompt is 'a gun'")],
)
def test_no_recipe_is_made_of_a_retry_outside_of_the_latitudes(change: dict[str, Any], told: str) -> None:
    """Whoever wrote the round: a move, a reviewer, or a hand in the storage."""
    brief = brief_of(latitudes={"guidance": (3, 9)})
    (batch,) = batches_of(brief, SNAPSHOT, 8, round_=1, rows=1)
    origin = Origin(parent="5" * 64, move="redo", reason="Ada asked for it")
    retry = SlotRetry(slot_index=0, settings=settings_of(brief).model_copy(update=change), origin=origin)
    with pytest.raises(OutsideLatitudes, match=told):
        plan_retry_batch(brief, batch, [retry], lambda _: SCHEDULE)
    inside = retry.model_copy(update={"settings": settings_of(brief).model_copy(update={"guidance": 9.0})})
    assert plan_retry_batch(brief, batch, [inside], lambda _: SCHEDULE)[0].recipe.guidance == 9


def test_a_recipe_without_adapters_keeps_the_id_that_it_had_before_there_were_any() -> None:
    recipe = Recipe(
        prompt="a plum", negative_prompt="", seed=7, schedule=SCHEDULE, steps=2, guidance=5.0, width=64, height=64,
        model_snapshot=SNAPSHOT,
    )  # fmt: skip
    assert recipe.recipe_id == "a741a3a8348d86c30e43e669d57f0ad33b4eaa8b5a593c87c4fc1add6a2e7908"
    assert "loras" not in recipe.canonical()
    assert "control" not in recipe.canonical()
    assert '"start"' not in recipe.canonical()


def test_how_a_brief_is_cut_into_batches_is_not_in_its_recipes() -> None:
    def ids(rows: int) -> list[str]:
        brief = brief_of()
        return [image.recipe_id for b in batches_of(brief, SNAPSHOT, rows) for image in plan_batch(brief, b, SCHEDULE)]

    assert ids(5) == ids(24)


def test_a_batch_of_another_brief_is_refused() -> None:
    batch = next(batches_of(brief_of(), SNAPSHOT, 10))
    with pytest.raises(InputError, match="is of the brief fruit"):
        plan_batch(brief_of(repeats=3), batch, SCHEDULE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


recipes = st.builds(
    Recipe,
    prompt=st.text(),
    negative_prompt=st.text(),
    seed=st.integers(0, 2**64 - 1),
    schedule=st.builds(
        Schedule,
        scheduler=st.text(),
        config=st.dictionaries(st.text(), json_values, max_size=4),
        timesteps=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=4).map(tuple),
    ),
    steps=st.integers(1, 100),
    guidance=st.floats(1, 50),
    width=st.just(64),
    height=st.just(64),
    loras=st.just(()),
    control=st.none(),
    model_snapshot=st.just(SNAPSHOT),
)


@settings(deadline=None)
@given(recipes)
def test_a_recipe_id_depends_on_content_not_on_the_order_of_keys(recipe: Recipe) -> None:
    assert recipe.canonical() == canonical_json(recipe.model_dump(mode="json", exclude_defaults=True))
    again = json.loads(recipe.canonical(), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert Recipe.model_validate(again).recipe_id == recipe.recipe_id
    assert Recipe.model_validate_json(recipe.canonical()).recipe_id == recipe.recipe_id
    assert recipe.model_copy(update={"seed": recipe.seed ^ 1}).recipe_id != recipe.recipe_id
