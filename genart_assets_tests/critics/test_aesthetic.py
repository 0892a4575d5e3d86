import numpy as np
import pytest

from genart_assets.critics.aesthetic import Aesthetic
from genart_assets.models.clip import load_clip
from genart_assets.models.heads import HeadConfig, save_head
from genart_assets_tests.critics.drawn import brief_of, context_of, look_at, part, pictures_of, plan_of

PLAN = plan_of(brief_of())
REDS = [k for k, planned in enumerate(PLAN) if planned.slot.values["subject"] == "red apple"]


@pytest.fixture(scope="module")
def look():
    return look_at(PLAN, pictures_of(PLAN), embed=True)


@pytest.fixture(scope="module")
def head(look, tmp_path_factory):
    """What somebody who likes red apples only would teach a head."""
    liked = np.isin(np.arange(len(PLAN)), REDS)
    rows = look.embeddings
    weight = rows[liked].mean(axis=0) - rows[~liked].mean(axis=0)
    scores = rows @ weight
    scale = 8 / (scores[liked].min() - scores[~liked].max())
    bias = -scale * (scores[liked].min() + scores[~liked].max()) / 2
    folder = tmp_path_factory.mktemp("head")
    config = HeadConfig(clip_snapshot=load_clip().snapshot.snapshot_id, dim=rows.shape[1], unit="probability")
    save_head(folder, config, [scale * weight[np.newaxis]], [np.array([bias])])
    return folder


def test_what_is_liked_passes_and_the_rest_is_stopped(look, head):
    brief = brief_of(style_guide={"aesthetic_head": str(head)})
    critic = Aesthetic.for_batch(context_of(brief, look))
    assert critic is not None
    scores = critic.score(look)
    assert scores[REDS].min() > 0.9
    assert np.delete(scores, REDS).max() < 0.1
    assert np.array_equal(critic.score(part(look, [4, 1])), scores[[4, 1]])


def test_a_score_names_unit_and_head(look, head):
    critic = Aesthetic.for_batch(context_of(brief_of(style_guide={"aesthetic_head": str(head)}), look))
    assert critic is not None
    assert critic.unit == "probability"
    assert critic.version.startswith("1 head ")


def test_a_picture_without_an_embedding_has_no_score(look, head):
    critic = Aesthetic.for_batch(context_of(brief_of(style_guide={"aesthetic_head": str(head)}), look))
    assert critic is not None
    lost = part(look, [0, 1])
    lost.embeddings[1] = np.nan
    assert np.isnan(critic.score(lost)).tolist() == [False, True]


def test_without_a_head_there_is_nothing_to_judge(look):
    assert Aesthetic.for_batch(context_of(brief_of(), look)) is None
    assert "style_guide.aesthetic_head" in Aesthetic.missing_requirement(brief_of())
