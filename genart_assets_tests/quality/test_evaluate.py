import os

import numpy as np
import pandas as pd
import pytest

from genart_assets.errors import GenartError
from genart_assets.quality.evaluate import evaluate
from genart_assets.quality.suite import (
    Suite,
    above,
    between,
    columns,
    equal_columns,
    in_set,
    not_null,
    row_count,
    unique,
)

TABLE = pd.DataFrame(
    {
        "recipe_id": ["a", "b", "c", "d"],
        "sharpness": [10.0, 40.0, np.nan, np.inf],
        "width": [64.0, 64.0, 32.0, np.nan],
        "planned_width": [64.0, 64.0, 64.0, 64.0],
        "state": ["computed", "computed", "missing", "failed"],
    }
)


def outcome_of(expectation, table=TABLE):
    result = evaluate(table, Suite(name="one", expectations=(expectation,)))
    assert result.success == result.outcomes[0].success
    return result.outcomes[0]


def test_a_bound_names_the_rows_outside_it_and_ignores_nulls():
    outcome = outcome_of(between("sharpness", 30, 100, "sharp"))
    assert not outcome.success
    assert [(row.id, row.value) for row in outcome.failed] == [("a", 10.0), ("d", "inf")]
    assert outcome.rows == 4
    assert outcome_of(between("sharpness", 1, None, "sharp")).success


@pytest.mark.parametrize(
    ("expectation", "failed"),
    [
        (not_null("sharpness", ""), [("c", None)]),
        (above("sharpness", 10, ""), [("a", 10.0)]),
        (in_set("state", ["computed", "failed"], ""), [("c", "missing")]),
        (equal_columns("width", "planned_width", ""), [("c", {"width": 32.0, "planned_width": 64.0})]),
        (unique("planned_width", ""), [(row, 64.0) for row in "abcd"]),
    ],
)
def test_unexpected_rows_carry_what_was_found(expectation, failed):
    assert [(row.id, row.value) for row in outcome_of(expectation).failed] == failed


def test_an_id_that_is_there_twice_is_named_twice():
    outcome = outcome_of(unique("recipe_id", ""), pd.DataFrame({"recipe_id": ["a", "b", "a"]}))
    assert outcome.failed_ids == ("a", "a")


def test_expectations_on_the_whole_table_tell_what_they_observed():
    assert outcome_of(row_count(4, "")).success
    assert outcome_of(row_count(5, "")).observed == 4
    assert outcome_of(columns(list(TABLE.columns), "")).success
    assert outcome_of(columns(["recipe_id"], "")).observed == list(TABLE.columns)


def test_outcomes_come_in_the_suites_order():
    wanted = (not_null("width", "1"), unique("recipe_id", "2"), between("sharpness", 1, 2, "3"), not_null("state", "4"))
    result = evaluate(TABLE, Suite(name="order", expectations=wanted))
    assert tuple(outcome.expectation for outcome in result.outcomes) == wanted
    assert [outcome.expectation.meaning for outcome in result.unmet] == ["1", "3"]
    assert result.failed_ids == {"a", "b", "d"}


@pytest.mark.parametrize(
    ("expectation", "why"),
    [(between("colour", 0, 1, ""), "colour"), (between("state", 0, 1, ""), "same type")],
)
def test_what_cannot_be_evaluated_is_not_met_and_says_why(expectation, why):
    outcome = outcome_of(expectation)
    assert not outcome.success
    assert outcome.exception is not None
    assert why in outcome.exception


def test_an_empty_table_meets_row_expectations_and_an_empty_suite_is_met():
    empty = TABLE.iloc[:0]
    assert outcome_of(between("sharpness", 0, 1, ""), empty).success
    assert not outcome_of(row_count(4, ""), empty).success
    assert evaluate(TABLE, Suite(name="empty", expectations=())).success


def test_a_table_without_the_index_column_is_refused():
    with pytest.raises(GenartError, match="has no column 'image'"):
        evaluate(TABLE, Suite(name="one", expectations=(not_null("state", ""),)), index_column="image")


def test_it_is_silent_and_sends_nothing(capfd):
    outcome_of(not_null("state", ""))
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert capfd.readouterr() == ("", "")


def test_the_result_survives_json():
    result = evaluate(TABLE, Suite(name="one", expectations=(between("sharpness", 30, 100, "sharp"),)))
    assert type(result).model_validate_json(result.canonical()) == result
