import numpy as np
import pytest

from genart_assets.critics.known import CRITICS, critics_for
from genart_assets.errors import InputError
from genart_assets_tests.critics.drawn import brief_of, context_of, look_at, part, pictures_of, plan_of

SHIPPED = {
    "aesthetic",
    "banding",
    "brand_colours",
    "clipping",
    "contrast",
    "exposure",
    "near_duplicate",
    "noise",
    "palette_distance",
    "prompt_alignment",
    "resolution",
    "sharpness",
    "stray_text",
    "style_adherence",
    "unsafe",
}


def test_the_shipped_critics_are_registered_and_complete():
    assert set(CRITICS.names()) >= SHIPPED
    for name in SHIPPED:
        found = CRITICS.find(name)
        assert found.name == name
        assert found.unit
        assert found.direction in ("higher", "lower", "between")
        assert found.version


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"'sharpnes'.*known: .*prompt_alignment.*sharpness"):
        CRITICS.find("sharpnes")


def test_a_critic_without_anything_to_judge_is_left_out():
    brief = brief_of(style_guide={})
    plan = plan_of(brief)[:1]
    critics = critics_for(context_of(brief, look_at(plan, pictures_of(plan), embed=True)))
    needs_more_of_the_guide = {"aesthetic", "brand_colours", "palette_distance", "style_adherence"}
    runs_where_it_is_bounded = {"stray_text", "unsafe"}
    assert SHIPPED - {critic.name for critic in critics} == needs_more_of_the_guide | runs_where_it_is_bounded


@pytest.mark.parametrize("rows", [[0], [8, 3], [5, 4, 3, 2, 1], list(range(8, -1, -1))])
def test_a_score_is_the_same_in_every_micro_batch(rows):
    brief = brief_of()
    plan = plan_of(brief)
    look = look_at(plan, pictures_of(plan), embed=True)
    for critic in critics_for(context_of(brief, look)):
        assert np.array_equal(critic.score(part(look, rows)), critic.score(look)[rows]), critic.name
