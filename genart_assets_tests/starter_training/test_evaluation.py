import numpy as np
import pytest

from genart_assets.starter_training.evaluation import Judged, Wish, subject_ranks, wishes_of
from genart_assets.starter_training.evaluation_page import tables
from genart_assets.starter_training.vocabulary import Pair, vocabulary
from genart_assets_tests.starter_training.icon_packages import WORDS


class OneHotClip:
    """Subjects are axes, so that ranks can be told without a network; the real one is in test_starter_training."""

    def embed_texts(self, texts):
        return np.eye(len(WORDS.subjects))[[WORDS.subjects.index(text.split()[-1]) for text in texts]]

    def embed_images(self, pictures):
        return pictures


def judged(ranks, distances) -> Judged:
    wishes = tuple(Wish(Pair("ball", "flat"), "teal", seed, True) for seed in range(len(ranks)))
    return Judged(wishes, np.zeros((len(ranks), 1)), np.array(ranks), np.array(distances), 1.0)


def test_the_wishes_of_the_vocabulary_are_two_thousand_images_of_every_pair_on_every_background():
    wishes = wishes_of(vocabulary())
    assert len(wishes) >= 2000
    assert {wish.pair for wish in wishes} == {*vocabulary().pairs}
    assert {wish.background for wish in wishes} == {*vocabulary().backgrounds}
    assert len({wish.seed for wish in wishes}) == len(wishes)
    assert {wish.pair for wish in wishes if not wish.seen} == vocabulary().held_out


def test_a_rank_is_the_number_of_subjects_that_the_critic_prefers():
    pairs = [Pair("ball", "flat"), Pair("box", "classic"), Pair("ring", "flat")]
    looks = np.array([[0.9, 0.1, 0, 0], [0.9, 0.5, 0.1, 0], [0.9, 0.5, 0.3, 0.1]])
    assert subject_ranks(looks, pairs, OneHotClip(), WORDS).tolist() == [0, 1, 3]


class ManySubjects:
    """Every subject has a direction of its own, and a picture of it exactly that one."""

    def __init__(self):
        vectors = np.random.default_rng(0).standard_normal((len(vocabulary().subjects), 128)).astype(np.float32)
        self.vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_texts(self, texts):
        return self.vectors[: len(texts)]

    def embed_images(self, pictures):
        return pictures


def test_no_subject_is_preferred_to_itself():
    clip, words = ManySubjects(), vocabulary()
    pairs = [Pair(subject, "flat") for subject in words.subjects]
    assert subject_ranks(clip.vectors, pairs, clip, words).tolist() == [0] * len(pairs)


def test_figures_are_shares_with_intervals_around_them():
    found = judged([0] * 80 + [3] * 10 + [9] * 10, [1.0] * 95 + [30.0] * 5).figures()
    assert (found["top_1"], found["top_5"], found["background_near"]) == (0.8, 0.9, 0.95)
    assert found["top_1_low"] == pytest.approx(0.711, abs=0.001)  # Wilson's interval of 80 of 100
    assert found["top_1_high"] == pytest.approx(0.867, abs=0.001)


def test_figures_of_some_rows_are_of_those_alone():
    assert judged([0, 0, 7, 7], [1.0] * 4).figures([True, True, False, False])["top_1"] == 1.0


def test_the_tables_show_every_figure():
    some = judged([0, 1, 0, 0], [1.0, 2.0, 3.0, 40.0]).figures()
    figures = {
        "all": some,
        "seen": some,
        "held_out": some,
        "styles": {"flat": {"seen": some}},
        "guidance": {"5.0": some},
        "steps": {"20": some},
        "critic": {"new_renderings": {"renderings": 9, "top_1": 0.9, "top_5": 1.0, "images_per_second": 512.0}},
        "control": {"images": 96, "iou_with_control": 0.81, "iou_without": 0.4},
        "cost": {"seconds_per_image": 0.21, "load_seconds": 1.2, "peak_gib": 0.9, "threads": 2},
    }
    page = tables(figures)
    assert "| flat, seen | 4 | 75.0% |" in page
    assert "| new renderings | 9 | 90.0% | 100.0% | 512 |" in page
    assert "median IoU 0.81, without it 0.40" in page
    assert "0.21 s an image" in page
