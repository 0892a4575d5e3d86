"""Selection starts delivery: once for each materialisation, and not for what a foreground run delivers itself."""

import time

import dagster as dg
import pytest

from genart_assets.defs.partitions import add_batches, batches
from genart_assets.defs.resources.tags import DRIVER, FOREGROUND
from genart_assets.defs.sensors import selection
from genart_assets_tests.defs.studio import QUIET, Studio
from genart_assets_tests.defs.ticks import partitions, run_keys, tick


@dg.asset(partitions_def=batches)
def selected_images() -> None: ...


stand_in = dg.Definitions([selected_images], jobs=[dg.define_asset_job("select", "selected_images")])
"""An asset of the same key, so that a run costs nothing."""


def select(studio: Studio, key: str, tags: dict[str, str] | None = None) -> str:
    """Materialise `selected_images` of a batch; the id of the run."""
    add_batches(studio.instance, [key])
    result = stand_in.resolve_job_def("select").execute_in_process(
        instance=studio.instance, partition_key=key, tags=tags, run_config=QUIET
    )
    assert result.success
    return result.run_id


def test_two_selections_of_one_tick_are_delivered_once_each(housed: Studio) -> None:
    runs = {key: select(housed, key) for key in ("a.r0.0000", "b.r0.0000")}
    told = tick(housed, "selection_sensor")
    assert partitions(told) == list(runs)
    assert run_keys(told) == [f"deliver:{key}:{run}" for key, run in runs.items()]
    again = tick(housed, "selection_sensor", told.cursor)
    assert (again.run_requests or [], again.skip_message, again.cursor) == ([], "nothing newly selected", told.cursor)
    assert run_keys(tick(housed, "selection_sensor")) == run_keys(told), "a lost cursor asks for the same runs"


def test_another_materialisation_is_another_delivery(housed: Studio) -> None:
    select(housed, "a.r0.0000")
    first = tick(housed, "selection_sensor")
    select(housed, "a.r0.0000")
    second = tick(housed, "selection_sensor", first.cursor)
    assert partitions(second) == ["a.r0.0000"]
    assert run_keys(second) != run_keys(first)


def test_batches_of_a_run_in_the_foreground_are_left_to_it(housed: Studio) -> None:
    select(housed, "mine.r0.0000", {DRIVER: FOREGROUND})
    told = tick(housed, "selection_sensor")
    assert told.run_requests in (None, [])
    assert int(told.cursor or 0) > 0
    select(housed, "yours.r0.0000")
    assert partitions(tick(housed, "selection_sensor", told.cursor)) == ["yours.r0.0000"]


def test_many_selections_are_spread_over_ticks(housed: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "RUNS_PER_TICK", 2)
    keys = [f"{name}.r0.0000" for name in "abcde"]
    for key in keys:
        select(housed, key)
    cursor, asked = None, []
    for expected in (2, 2, 1):
        told = tick(housed, "selection_sensor", cursor)
        assert len(partitions(told)) == expected
        asked += partitions(told)
        cursor = told.cursor
    assert asked == keys


def test_a_tick_costs_the_same_with_ten_thousand_batches(housed: Studio) -> None:
    few = _seconds(housed, "few")
    keys = [f"known-{i:05d}.0123456789.r0.0000" for i in range(10_000)]
    add_batches(housed.instance, keys)
    many = _seconds(housed, "many")
    assert many < 6 * few, f"{few:.3f} s with few partitions, {many:.3f} s with 10,000"


def _seconds(studio: Studio, name: str) -> float:
    """The fastest of five ticks that each find one selection."""
    taken: list[float] = []
    for i in range(5):
        cursor = tick(studio, "selection_sensor").cursor
        select(studio, f"{name}-{i}.r0.0000")
        began = time.perf_counter()
        told = tick(studio, "selection_sensor", cursor)
        taken.append(time.perf_counter() - began)
        assert len(partitions(told)) >= 1
    return min(taken)
