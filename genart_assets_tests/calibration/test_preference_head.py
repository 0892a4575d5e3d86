from functools import cache

import numpy as np
import pytest

from genart_assets.calibration.agreement import auc
from genart_assets.calibration.preference_head import fit_head, save_preference_head, too_few
from genart_assets.errors import InputError, ModelError
from genart_assets.models.heads import HeadConfig, load_head
from genart_assets_tests.storage.embedded import Clusters

VECTORS = Clusters(24, 0.5, clusters=100).draw(200)
TASTE = np.random.default_rng(5).standard_normal(24)
LIKING = VECTORS @ TASTE
ACCEPTED = np.greater(LIKING, np.median(LIKING))


@cache
def whole():
    return fit_head(VECTORS, ACCEPTED, "clip")


def test_it_learns_a_taste_and_judges_images_that_it_never_saw():
    head = fit_head(VECTORS[:120], ACCEPTED[:120], "clip")
    assert head.agreement.low > 0.8
    unseen = auc(head.probability(VECTORS[120:]), ACCEPTED[120:])
    assert unseen.low > 0.8
    assert unseen.value == pytest.approx(head.agreement.value, abs=0.1), "cross-validation does not flatter"


def test_where_there_is_no_taste_it_finds_none():
    random = np.random.default_rng(6).permutation(ACCEPTED)
    found = fit_head(VECTORS, random, "clip").agreement
    assert found.low < 0.55
    assert found.value < 0.65


def test_the_weights_are_for_embeddings_as_they_are():
    """Scaled or shifted columns, one of them constant, change nothing but the weights."""
    head = whole()
    changed = np.concatenate([VECTORS * 3 + 7, np.full((200, 1), 5)], axis=1).astype(np.float32)
    other = fit_head(changed, ACCEPTED, "clip")
    assert other.probability(changed) == pytest.approx(head.probability(VECTORS), abs=1e-3)
    assert other.strength == head.strength


def test_the_same_rows_give_the_same_head():
    again = fit_head(VECTORS, ACCEPTED, "clip")
    assert (again.weight.tobytes(), again.bias) == (whole().weight.tobytes(), whole().bias)
    assert (again.agreement, again.strength) == (whole().agreement, whole().strength)


def test_what_is_saved_scores_as_a_critic_s_head(tmp_path):
    save_preference_head(tmp_path / "head", whole())
    loaded = load_head(tmp_path / "head", "clip")
    assert loaded.config == HeadConfig(clip_snapshot="clip", dim=24, unit="probability", layers=1)
    assert loaded.predict(VECTORS) == pytest.approx(whole().probability(VECTORS), abs=1e-9)
    with pytest.raises(ModelError, match="another"):
        load_head(tmp_path / "head", "another")


@pytest.mark.parametrize(("good", "bad", "enough"), [(20, 20, True), (19, 100, False), (100, 19, False), (0, 0, False)])
def test_too_few_images_teach_nothing(good, bad, enough):
    labels = np.array([True] * good + [False] * bad, dtype=bool)
    assert (too_few(labels) == "") == enough
    if not enough:
        with pytest.raises(InputError, match=f"{good} accepted and {bad} rejected images"):
            fit_head(np.zeros((good + bad, 3), np.float32), labels, "clip")


def test_an_embedding_that_is_not_finite_is_refused():
    vectors = VECTORS.copy()
    vectors[3, 2] = np.nan
    with pytest.raises(InputError, match="not finite"):
        fit_head(vectors, ACCEPTED, "clip")
