"""Decisions become settlements by sensor, and what they send back becomes runs."""

from datetime import UTC, datetime

import dagster as dg

from genart_assets.definitions import defs
from genart_assets.records.decision import Decision
from genart_assets.records.plan import Batch
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.reviewing.decisions import append
from genart_assets.stages.reviewing.settlements import settlements_of
from genart_assets.storage.tables import TableStore
from genart_assets_tests.defs.studio import BRIEF, QUIET, Studio
from genart_assets_tests.defs.ticks import run_keys, tick

HOPELESS = BRIEF + "style_guide: {expect: {prompt_alignment: {min: 2}}}\n"


def decide(studio: Studio, batch: Batch, row: int, action: str, text: str = HOPELESS) -> None:
    recipe_id = studio.table("verdicts", batch).read()["recipe_id"][row]
    settings = settings_of(studio.brief(text)) if action == "redo" else None
    decision = Decision(
        id=f"{row:032x}",
        order=batch.order,
        recipe_id=recipe_id,
        action=action,
        settings=settings,
        reviewer="ada",
        time=datetime(2026, 1, 1, tzinfo=UTC),
    )
    append(studio.storage, decision)


def run_settlement(studio: Studio, partition: str) -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def("settle").execute_in_process(
        instance=studio.instance, partition_key=partition, run_config=QUIET
    )


def test_a_settlement_follows_when_people_fall_silent(studio: Studio) -> None:
    [batch] = studio.order(HOPELESS)
    assert studio.run("render", batch).success
    told = tick(studio, "review_sensor")
    assert not told.run_requests

    decide(studio, batch, 0, "accept")
    told = tick(studio, "review_sensor", told.cursor)
    assert not told.run_requests, "somebody is still deciding"
    decide(studio, batch, 1, "redo")
    told = tick(studio, "review_sensor", told.cursor)
    assert not told.run_requests
    told = tick(studio, "review_sensor", told.cursor)
    assert run_keys(told) == [f"settle:{batch.order}.v0"]
    assert not tick(studio, "review_sensor", told.cursor).run_requests, "it is asked for once"

    result = run_settlement(studio, f"{batch.order}.v0")
    assert result.success
    feedback = result.output_for_node("human_feedback")
    assert list(feedback["action"]) == ["accept", "redo"]
    files = TableStore(studio.storage, "accepted_deliveries", f"{batch.order}.v0").read()
    assert set(files["recipe_id"]) == {studio.table("verdicts", batch).read()["recipe_id"][0]}

    result = defs.resolve_job_def("calibrate").execute_in_process(
        instance=studio.instance, partition_key=f"{batch.order}.v0", run_config=QUIET
    )
    (event,) = result.asset_materializations_for_node("calibration")
    assert (event.metadata["images"].value, event.metadata["accepted"].value) == (2, 1)
    assert "prompt_alignment" in event.metadata["agreement"].value

    after = tick(studio, "retry_sensor")
    while not after.run_requests or after.run_requests[0].job_name != "render":
        (request,) = after.run_requests
        assert request.job_name == "take_turn"
        result = defs.resolve_job_def("take_turn").execute_in_process(
            instance=studio.instance, partition_key=request.partition_key, run_config=QUIET
        )
        assert result.success
        after = tick(studio, "retry_sensor", after.cursor)
    assert [request.partition_key for request in after.run_requests] == [f"{batch.order}.r1.0000"]


def test_decisions_about_an_order_that_cannot_be_read_hold_up_no_other(studio: Studio) -> None:
    [batch] = studio.order(HOPELESS)
    assert studio.run("render", batch).success
    decide(studio, batch, 0, "reject")
    studio.storage.write_once("orders/damaged.0123456789.json", b"{}")
    studio.storage.write_once("decisions/damaged.0123456789/x.json", b"{}")
    cursor = tick(studio, "review_sensor").cursor
    assert run_keys(tick(studio, "review_sensor", cursor)) == [f"settle:{batch.order}.v0"]
    assert settlements_of(studio.storage, batch.order) == []
