"""The offline tables: when each feature became known, and what stood then."""

from __future__ import annotations

from datetime import timedelta

from genart_assets.features.moments import AFTER, moments_of
from genart_assets.features.tables import FeatureTables, feature_tables, score_column
from genart_assets.features.views import EVENT_TIME
from genart_assets_tests.features.samples import START, at, decision, feedback_of, record, records_of, undo

FIRST = [record(0, slot, 0, passed=slot > 0) for slot in range(3)]
RETRY = record(1, 0, 10, move="new_seed")


def rows_of(tables: FeatureTables, name: str) -> list[dict[str, object]]:
    return next(table.to_pylist() for view, table in tables.tables.items() if view.name == name)


def test_a_recipe_is_known_when_its_rendering_begins_and_its_verdict_just_after_its_scores() -> None:
    made = feature_tables(records_of([*FIRST, RETRY]), feedback_of([]), START)
    recipe, scores, verdict = (rows_of(made, name)[0] for name in ("recipes", "scores", "verdicts"))
    assert recipe[EVENT_TIME] == at(0)
    assert scores[EVENT_TIME] == at(3), "three images of one second each"
    assert verdict[EVENT_TIME] == at(3) + AFTER
    assert rows_of(made, "recipes")[-1]["move"] == "new_seed"
    assert made.untimed == 0
    for view, table in made.tables.items():
        assert table.schema == view.columns
        keys = table.select([view.entity.key, EVENT_TIME]).to_pylist()
        assert len({tuple(key.values()) for key in keys}) == len(keys), "one row for each key and moment"


def test_what_became_known_is_dated_up_to_the_next_millisecond() -> None:
    image = record(0, 0, 0.0000011)
    made = feature_tables(records_of([image]), feedback_of([decision(image, 1, 20.0000011)]), START)
    assert rows_of(made, "recipes")[0][EVENT_TIME] == at(0.001)
    assert rows_of(made, "scores")[0][EVENT_TIME] == at(1.001)
    assert rows_of(made, "feedback")[0][EVENT_TIME] == at(20.001) + AFTER


def test_histories_count_verdicts_and_what_stands_of_peoples_words() -> None:
    said = [decision(FIRST[1], 1, 20), decision(FIRST[2], 2, 21, "reject"), undo(FIRST[1], 3, 22, undoes=1)]
    made = feature_tables(records_of([*FIRST, RETRY]), feedback_of(said), START)
    counted = [
        tuple(row[name] for name in ("images", "passed", "reviewed", "accepted", "share_accepted"))
        for row in rows_of(made, "brief_history")
    ]
    assert counted == [(3, 2, 0, 0, None), (4, 3, 0, 0, None), (4, 3, 1, 1, 1.0), (4, 3, 2, 1, 0.5), (4, 3, 1, 0, 0.0)]
    assert [row["images"] for row in rows_of(made, "slot_history") if row["slot"] == "fruit.0123456789/0"] == [1, 2]
    assert [row["outcome"] for row in rows_of(made, "feedback")] == ["accept", "reject", None]


def test_an_image_of_a_killed_run_takes_its_batchs_time_and_is_left_out_where_there_is_none() -> None:
    rows = [FIRST[0], record(0, 5, None), record(2, 0, None)]
    moments = moments_of(records_of(rows))
    assert list(moments["judged"].isna()) == [False, False, True]
    assert list(moments["began"][:2]) == [at(0), at(0)]
    made = feature_tables(records_of(rows), feedback_of([decision(rows[2], 1, 5)]), START)
    assert (len(rows_of(made, "recipes")), rows_of(made, "feedback"), made.untimed) == (2, [], 1)


def test_two_versions_of_a_critic_are_two_features() -> None:
    other = record(1, 0, 5, scores=FIRST[0]["scores"].replace('"version": "1"', '"version": "2 head 0a"'))
    rows = rows_of(feature_tables(records_of([FIRST[0], other]), feedback_of([]), START), "scores")
    assert [(row["sharpness_v1"], row["sharpness_v2_head_0a"]) for row in rows] == [(0.0, None), (None, 0.0)]
    assert score_column("unsafe", "1 nudenet 3.4") == "unsafe_v1_nudenet_3_4"


def test_an_empty_storage_gives_empty_tables() -> None:
    made = feature_tables(records_of([]), feedback_of([]), START)
    assert {len(table) for table in made.tables.values()} == {0}


def test_images_that_a_clock_which_was_set_back_dated_into_the_future_are_counted() -> None:
    records = records_of([*FIRST, RETRY])
    counted = [feature_tables(records, feedback_of([]), START + timedelta(seconds=now)).ahead for now in (0, 5, 60)]
    assert counted == [4, 1, 0]
