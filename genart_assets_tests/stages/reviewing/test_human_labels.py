import pandas as pd
import pytest

from genart_assets.errors import InputError
from genart_assets.stages.reviewing.human_labels import human_labels


def feedback(*rows):
    return pd.DataFrame(rows, columns=["recipe_id", "reviewer", "outcome"])


def test_most_reviewers_decide_and_a_tie_says_nothing():
    found = human_labels(
        feedback(
            ("a", "ann", "accept"),
            ("b", "ann", "redo"),
            ("c", "ann", "accept"),
            ("d", "ann", "accept"),
            ("c", "bob", "reject"),
            ("d", "bob", "reject"),
            ("d", "eve", "accept"),
        )
    )
    assert found.accepted == {"a": True, "b": False, "d": True}
    assert found.disputed == ("c",)
    assert found.reviewers == 3


def test_the_last_word_of_a_reviewer_counts():
    assert human_labels(feedback(("a", "ann", "accept"), ("a", "ann", "reject"))).accepted == {"a": False}


def test_without_feedback_there_are_no_labels():
    assert human_labels(feedback()).accepted == {}


def test_an_unknown_outcome_is_refused():
    with pytest.raises(InputError, match="outcome 'maybe'"):
        human_labels(feedback(("a", "ann", "maybe")))
