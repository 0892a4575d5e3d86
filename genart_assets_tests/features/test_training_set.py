"""No look ahead: what happens later changes nothing of what was known, or learnt, before."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.features.moments import moments_of
from genart_assets.features.training_set import known_to_the_gate, training_set
from genart_assets.features.views import EVENT_TIME
from genart_assets_tests.features.oracle import lines, plain_store
from genart_assets_tests.features.samples import at, decision, feedback_of, record, records_of, undo

Rows = list[dict[str, Any]]


@st.composite
def studios(draw: st.DrawFn) -> tuple[Rows, Rows]:
    """Records of up to four batches of two briefs, and decisions about their images after they were judged."""
    records: Rows = []
    for batch in range(draw(st.integers(1, 4))):
        brief, began = draw(st.sampled_from(["fruit", "tools"])), draw(st.integers(0, 30))
        records += [
            record(batch, slot, began, brief=brief, passed=draw(st.booleans()))
            for slot in range(draw(st.integers(1, 3)))
        ]
    said: Rows = []
    for number in range(draw(st.integers(0, 8))):
        image = draw(st.sampled_from(records))
        judged = moments_of(records_of(records))["judged"][records.index(image)]
        seconds = (judged - at(0)).total_seconds() + draw(st.integers(1, 30))
        earlier = [
            one for one in said if one["recipe_id"] == image["recipe_id"] and one["time"] < at(seconds).isoformat()
        ]
        if earlier and draw(st.booleans()):
            said.append(undo(image, number, seconds, undoes=int(draw(st.sampled_from(earlier))["decision"], 16)))
        else:
            action, reviewer = draw(st.sampled_from(["accept", "reject"])), draw(st.sampled_from(["ada", "bob"]))
            said.append(decision(image, number, seconds, action, reviewer=reviewer))
    return records, said


def before(records: Rows, said: Rows, moment: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What there was at a moment."""
    judged = moments_of(records_of(records))["judged"]
    there = [row for row, time in zip(records, judged, strict=True) if time <= moment]
    return records_of(there), feedback_of(row for row in said if pd.Timestamp(row["time"]) <= moment)


@settings(max_examples=12, deadline=None)
@given(studios())
def test_the_gate_knew_nothing_of_what_came_after_or_of_its_own_verdicts(studio: tuple[Rows, Rows]) -> None:
    records, said = studio
    table = records_of(records)
    known = lines(known_to_the_gate(plain_store(table, feedback_of(said)), moments_of(table)))
    assert len(known) == len(records)
    for batch, moment in {row["batch"]: now[EVENT_TIME] for row, now in zip(records, known, strict=True)}.items():
        reversed_ = [{**one, "passed": not one["passed"]} if one["batch"] == batch else one for one in records]
        past, words = before(reversed_, said, moment)
        then = lines(known_to_the_gate(plain_store(past, words), moments_of(past)))
        ours = [now for row, now in zip(records, known, strict=True) if row["batch"] == batch]
        assert [now for now in then if now["recipe_id"] in {one["recipe_id"] for one in ours}] == ours


@settings(max_examples=12, deadline=None)
@given(studios(), st.integers(0, 70))
def test_a_training_set_as_of_a_time_is_what_it_would_have_been_then(studio: tuple[Rows, Rows], seconds: int) -> None:
    table, words, as_of = records_of(studio[0]), feedback_of(studio[1]), at(seconds)
    now = training_set(plain_store(table, words), moments_of(table), words, as_of)
    table, words = before(*studio, pd.Timestamp(as_of))
    then = training_set(plain_store(table, words), moments_of(table), words, as_of)
    assert lines(now) == lines(then)
    first = {
        row["recipe_id"]: pd.Timestamp(row["time"]) for row in reversed(words.sort_values("time").to_dict("records"))
    }
    for line in lines(now):
        assert line[EVENT_TIME] < first[line["recipe_id"]], "nothing that was said of the image is among its features"


def test_the_label_is_what_most_say_and_the_first_word_dates_the_features() -> None:
    images = [record(0, slot, 0) for slot in range(4)]
    said = [
        decision(images[0], 1, 10),
        decision(images[0], 2, 20, "reject"),  # the same person's last word counts
        decision(images[1], 3, 21),
        undo(images[1], 4, 22, undoes=3),
        decision(images[2], 5, 23),
        decision(images[2], 6, 24, "reject", reviewer="bob"),  # disputed
        decision(images[3], 7, 25),
    ]
    table, words = records_of(images), feedback_of(said)
    made = training_set(plain_store(table, words), moments_of(table), words, at(30))
    assert list(made["recipe_id"]) == [images[0]["recipe_id"], images[3]["recipe_id"]]
    assert list(made["accepted"]) == [False, True]
    assert list(made["brief_history__reviewed"]) == [0, 2], "of images 0 and 2; 1 was taken back"
    assert made[EVENT_TIME][0] < pd.Timestamp(at(10))
    assert not [name for name in made if name.startswith("feedback__")]
    early = training_set(plain_store(table, words), moments_of(table), words, at(21))
    assert list(early["accepted"]) == [False, True], "image 1 was not taken back yet"
