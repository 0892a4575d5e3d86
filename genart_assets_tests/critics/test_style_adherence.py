import numpy as np
import pytest
from numpy.testing import assert_allclose

from genart_assets.critics.style_adherence import StyleAdherence
from genart_assets.errors import ModelError
from genart_assets.models.clip import load_clip
from genart_assets.models.house_style import centroid_of, load_house_style, save_house_style
from genart_assets.records.fields import Reference
from genart_assets_tests.critics.drawn import brief_of, context_of, fruit, look_at, part, pictures_of, plan_of

PLAN = plan_of(brief_of())
REFERENCES = [fruit("red apple", "teal", shift=k, side=side) for k, side in ((-2, 64), (0, 96), (2, 64), (1, 128))]
ALIKE = 1
"""The row of the red apple on teal."""


@pytest.fixture(scope="module")
def look():
    return look_at(PLAN, pictures_of(PLAN), embed=True)


def brief_with(**guide):
    return brief_of(style_guide=guide)


def test_the_picture_like_the_references_passes_and_others_are_stopped(look):
    brief = brief_with(references=[Reference(sha256="0" * 64)] * len(REFERENCES))
    critic = StyleAdherence.for_batch(context_of(brief, look, REFERENCES))
    assert critic is not None
    scores = critic.score(look)
    assert scores[ALIKE] > 0.95 > np.delete(scores, ALIKE).max()
    assert np.array_equal(critic.score(part(look, [5, ALIKE])), scores[[5, ALIKE]])


def test_a_house_style_scores_as_its_references_do(look, tmp_path):
    clip = load_clip()
    centroid = centroid_of(clip.embed_images(REFERENCES))
    save_house_style(tmp_path, clip.snapshot.snapshot_id, centroid)
    critic = StyleAdherence.for_batch(context_of(brief_with(house_style=str(tmp_path)), look))
    assert critic is not None
    assert critic.version.startswith("1 house style ")
    assert_allclose(critic.score(look), look.embeddings @ centroid, atol=1e-6)
    with pytest.raises(ModelError, match="was fitted on CLIP snapshot"):
        load_house_style(tmp_path, "d" * 64)


def test_the_centroid_is_the_mean_direction():
    rows = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    assert_allclose(centroid_of(rows), [0.5**0.5, 0.5**0.5, 0])
    for lost in (rows[:0], np.array([[1, 0], [-1, 0]], np.float32), np.full((2, 2), np.nan, np.float32)):
        with pytest.raises(ModelError, match="no mean direction"):
            centroid_of(lost)


def test_without_a_style_there_is_nothing_to_judge(look):
    assert StyleAdherence.for_batch(context_of(brief_of(), look)) is None
    assert "style_guide.references" in StyleAdherence.missing_requirement(brief_of())
