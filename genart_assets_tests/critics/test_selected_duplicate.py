from dataclasses import replace

import numpy as np
import pytest

from genart_assets.critics.known import critics_for
from genart_assets.critics.selected_duplicate import NEAR, NOTHING_NEAR, BriefDuplicate, CatalogueDuplicate
from genart_assets.errors import GenartError
from genart_assets.stages.judging.selected_before import SelectedBefore
from genart_assets.storage.root import Storage
from genart_assets_tests.critics.drawn import brief_of, context_of, fruit, look_at, part, pictures_of, plan_of

BRIEF = brief_of(style_guide={"expect": {"brief_duplicate": {"max": 0.97}, "catalogue_duplicate": {"max": 0.97}}})
PLAN = plan_of(BRIEF)
IDS = [planned.recipe_id for planned in PLAN]


@pytest.fixture(scope="module")
def look():
    return look_at(PLAN, pictures_of(PLAN), embed=True)


@pytest.fixture
def storage(tmp_path):
    """Two pictures are selected already: one of another brief, one of another batch of this one."""
    storage = Storage.open(str(tmp_path))
    copies = np.stack([fruit("red apple", "teal", shift=1), fruit("tangerine", "navy")])
    vectors = look_at(PLAN[:2], copies, embed=True).embeddings
    for k, batch in enumerate(("zoo.0123456789.r0.0000", "fruit-market.0123456789.r0.0000")):
        assert SelectedBefore(storage, "clip", batch, {f"old{k}": 99}).joins([f"old{k}"], vectors[k : k + 1])
    return storage


@pytest.fixture
def context(look, storage):
    slots = {planned.recipe_id: planned.slot.index for planned in PLAN}
    before = SelectedBefore(storage, "clip", "fruit-market.0123456789.r0.0001", slots)
    return replace(context_of(BRIEF, look), nearest_selected=before.nearest)


def test_copies_of_selected_pictures_are_told_by_where_they_were_selected(look, context):
    everywhere = CatalogueDuplicate.for_batch(context).score(look)
    assert [k for k, score in enumerate(everywhere) if score > 0.97] == [1, 8]
    assert everywhere[8] == pytest.approx(1, abs=1e-6)
    own = BriefDuplicate.for_batch(context).score(look)
    assert [k for k, score in enumerate(own) if score > 0.97] == [8]


def test_what_is_far_scores_nothing_unless_the_bound_is_there(look, context):
    scores = BriefDuplicate.for_batch(context).score(look)
    assert (scores == NOTHING_NEAR).any()
    assert ((scores == NOTHING_NEAR) | (scores >= NEAR)).all()
    low = brief_of(style_guide={"expect": {"brief_duplicate": {"max": -1.0}}})
    scores = BriefDuplicate.for_batch(replace(context, brief=low)).score(look)
    cosines = look.embeddings.astype(np.float64) @ look.embeddings[8].astype(np.float64)
    assert scores == pytest.approx(cosines, abs=1e-6), "row 8 is what was selected"


def test_they_judge_only_where_the_brief_bounds_them(look, context):
    unbounded = replace(context, brief=brief_of())
    assert not {critic.name for critic in critics_for(unbounded)} & {"brief_duplicate", "catalogue_duplicate"}
    assert {critic.name for critic in critics_for(context)} >= {"brief_duplicate", "catalogue_duplicate"}


def test_scores_depend_on_the_batch_and_not_on_the_look(look, context):
    critic = CatalogueDuplicate.for_batch(context)
    assert (critic.score(look)[[5, 2]] == critic.score(part(look, [5, 2]))).all()


def test_a_picture_without_an_embedding_has_no_score(look, context):
    rows = part(look, [0, 2])
    fewer = replace(context, batch_ids=[IDS[0], IDS[2]], batch_embeddings=rows.embeddings)
    assert np.isnan(CatalogueDuplicate.for_batch(fewer).score(part(look, [0, 1, 2]))).tolist() == [False, True, False]
    nothing = replace(context, batch_ids=[], batch_embeddings=np.zeros((0, 1), np.float32))
    assert np.isnan(CatalogueDuplicate.for_batch(nothing).score(look)).all()


def test_without_a_storage_a_bound_cannot_be_met(look):
    with pytest.raises(GenartError, match="catalogue_duplicate has no selected images to look among"):
        CatalogueDuplicate.for_batch(context_of(BRIEF, look))
