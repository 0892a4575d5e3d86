from collections import Counter

import numpy as np

from genart_assets.starter_training.captions import EMPTY_SHARE, FORMS, PART_SHARE, full_caption, random_caption


def test_a_full_caption_says_subject_style_and_background():
    assert full_caption("lemon", "flat", "navy") == "flat icon of lemon on navy background"
    for form in range(len(FORMS)):
        assert all(word in full_caption("lemon", "flat", "navy", form) for word in ("lemon", "flat", "navy"))


def test_captions_are_empty_or_in_part_as_often_as_they_shall_be():
    random = np.random.default_rng(0)
    drawn = [random_caption("lemon", "flat", "navy", random) for _ in range(4000)]
    whole = {full_caption("lemon", "flat", "navy", form) for form in range(len(FORMS))}
    counts = Counter("empty" if not text else "whole" if text in whole else "part" for text in drawn)
    assert abs(counts["empty"] / 4000 - EMPTY_SHARE) < 0.02
    assert abs(counts["part"] / 4000 - PART_SHARE) < 0.02
    assert whole < set(drawn)


def test_a_step_that_is_taken_again_has_the_same_caption():
    one, two = (random_caption("lemon", "flat", "navy", np.random.default_rng(7)) for _ in range(2))
    assert one == two
