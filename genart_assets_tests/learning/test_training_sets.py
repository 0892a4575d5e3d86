"""A style's training sets: each says what it knew, and nothing is known that could not be learnt."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from genart_assets.errors import InputError
from genart_assets.learning.styles import Style
from genart_assets.learning.training_sets import accepted_images, last_training_set, make_training_set
from genart_assets.stages.reviewing.settlements import settle
from genart_assets.storage.root import Storage
from genart_assets_tests.learning.test_reviewed_images import Reviewed

LATER = datetime(2026, 1, 2, tzinfo=UTC)
STYLE = Style.model_validate(
    {
        "style": "house",
        "briefs": ("fruit",),
        "references": ({"path": "x"},),
        "trial": {"prompts": ("one", "two")},
        "learn_from": {"fewest": 1},
    }
)


@pytest.fixture
def order(tmp_path) -> Reviewed:
    return Reviewed(Storage.open(str(tmp_path)))


def test_what_is_settled_but_not_yet_stored_as_feedback_is_not_known(order: Reviewed) -> None:
    order.say(order.ids(1)[0], "accept")
    settle(order.attempts, 0)
    assert accepted_images(order.storage, STYLE) == 0, "a kill between the settlement and its table"
    order.settle()
    assert accepted_images(order.storage, STYLE) == 1
    made = make_training_set(order.storage, STYLE, LATER)
    assert (made.accepted, len(made.made.rows)) == (1, 1)


def test_a_brief_that_is_named_twice_counts_once(order: Reviewed) -> None:
    order.say(order.ids(1)[0], "accept")
    order.settle()
    twice = STYLE.model_copy(update={"briefs": ("fruit", "fruit")})
    assert accepted_images(order.storage, twice) == 1
    assert make_training_set(order.storage, twice, LATER).report.reviewed == 1


def test_a_set_like_the_last_is_not_kept_twice(order: Reviewed) -> None:
    order.say(order.ids(1)[0], "accept")
    order.settle()
    first = make_training_set(order.storage, STYLE, LATER)
    again = make_training_set(order.storage, STYLE, datetime(2026, 1, 3, tzinfo=UTC))
    assert again == first == last_training_set(order.storage, "house")


def test_a_brief_that_was_never_accepted_is_named(order: Reviewed) -> None:
    misspelt = STYLE.model_copy(update={"briefs": ("fruit", "friut", "posters")})
    with pytest.raises(InputError) as told:
        make_training_set(order.storage, misspelt, LATER)
    assert "has 0 images" in told.value.message
    assert "no brief was accepted as 'friut' or 'posters'" in told.value.remedy
