"""A plan goes into its table and comes back; a changed row is named."""

from __future__ import annotations

import itertools

import pandas as pd
import pyarrow as pa
import pytest

from genart_assets.errors import StorageError
from genart_assets.records.brief import Brief
from genart_assets.records.recipe import Schedule
from genart_assets.records.schemas import PLAN
from genart_assets.stages.planning.plan import (
    batches_of,
    frame_of,
    plan_batch,
    plan_of,
)
from genart_assets_tests.stages.planning.plans import SCHEDULE, SNAPSHOT, brief_of


def planned_frame() -> pd.DataFrame:
    brief = brief_of()
    return frame_of(plan_batch(brief, next(batches_of(brief, SNAPSHOT, 10)), SCHEDULE))


def test_a_plan_comes_back_from_its_table() -> None:
    brief = brief_of()
    plan = plan_batch(brief, next(batches_of(brief, SNAPSHOT, 10)), SCHEDULE)
    frame = frame_of(plan)
    assert pa.Table.from_pandas(frame, schema=PLAN, preserve_index=False).num_rows == 10
    assert frame["seed"].dtype == "uint64"
    assert plan_of(frame, "fruit") == plan


@pytest.mark.parametrize(
    ("column", "old", "new", "says"),
    [
        ("recipe", '"steps":20', '"steps":21', "it hashes to"),
        ("recipe", "{", "", "it cannot be read"),
        ("values", "{", "[", "it cannot be read"),
    ],
)
def test_a_changed_row_is_named(column: str, old: str, new: str, says: str) -> None:
    frame = planned_frame()
    frame.loc[4, column] = str(frame.loc[4, column]).replace(old, new, 1)
    with pytest.raises(
        StorageError, match=rf"row 4 of the generation plan, recipe {frame.loc[4, 'recipe_id']}.*{says}"
    ):
        plan_of(frame, "fruit")


def test_a_hundred_thousand_slots_are_planned_a_batch_at_a_time() -> None:
    subjects = tuple(f"subject {number}" for number in range(1000))
    brief = brief_of(prompt="{subject}", vary={"subject": subjects}, repeats=1000)
    batches = batches_of(brief, SNAPSHOT, 128)
    last = list(itertools.islice(batches, 7812, None))
    assert [(batch.index, batch.first_row + batch.rows) for batch in last] == [(7812, 1_000_000)]
    assert plan_batch(brief, last[0], SCHEDULE)[-1].slot.values == {"subject": "subject 999"}


def test_a_slots_values_keep_the_briefs_order_in_the_table() -> None:
    written = {"brief": "b", "prompt": "{z} {a}", "vary": {"z": ["1"], "a": ["2"]}, "model": "starter"}
    brief = Brief.model_validate(written)
    (batch,) = batches_of(brief, "5" * 64, 8)
    plan = plan_batch(brief, batch, Schedule(scheduler="DDIMScheduler", config={}, timesteps=(9.0,)))
    (image,) = plan_of(frame_of(plan), brief.brief)
    assert list(image.slot.values) == ["z", "a"]
