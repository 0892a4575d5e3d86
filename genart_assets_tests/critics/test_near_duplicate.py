import numpy as np

from genart_assets.critics.near_duplicate import NOTHING_EARLIER, NearDuplicate
from genart_assets_tests.critics.drawn import brief_of, context_of, fruit, look_at, part, pictures_of, plan_of


def test_the_first_copy_survives_and_later_ones_are_stopped():
    brief = brief_of()
    plan = plan_of(brief)
    pixels = pictures_of(plan)
    pixels[4] = pixels[1]
    pixels[7] = fruit("red apple", "teal", shift=1)  # nearly the picture of row 1
    look = look_at(plan, pixels, embed=True)
    scores = NearDuplicate.for_batch(context_of(brief, look)).score(look)
    assert scores[0] == NOTHING_EARLIER
    stopped = [k for k, score in enumerate(scores) if score > 0.97]
    assert stopped == [4, 7]


def test_scores_depend_on_the_batch_and_not_on_the_look():
    brief = brief_of()
    plan = plan_of(brief)
    look = look_at(plan, pictures_of(plan), embed=True)
    critic = NearDuplicate.for_batch(context_of(brief, look))
    assert (critic.score(look)[[5, 2]] == critic.score(part(look, [5, 2]))).all()


def test_a_picture_without_an_embedding_has_no_score():
    brief = brief_of()
    plan = plan_of(brief)[:3]
    look = look_at(plan, pictures_of(plan), embed=True)
    critic = NearDuplicate.for_batch(context_of(brief, part(look, [0, 2])))
    assert np.isnan(critic.score(look)).tolist() == [False, True, False]
