"""The loop by sensor: a judged round becomes a turn, a turn becomes the next round's runs, and the loop ends."""

import dagster as dg
import pytest

from genart_assets.definitions import defs
from genart_assets.defs.partitions import batches
from genart_assets.defs.sensors.next_rounds import Seen, Turn
from genart_assets.models.schedules import schedule_of
from genart_assets.records.plan import Batch
from genart_assets.records.retry import RetryPlan
from genart_assets.stages.planning.order_book import OrderBook, batch_of
from genart_assets.stages.planning.plan import plan_retry_batch
from genart_assets.stages.planning.rounds import retries_of, round_path
from genart_assets.stages.retrying.plan_retry import plan_retry
from genart_assets_tests.defs.studio import QUIET, Studio
from genart_assets_tests.defs.ticks import partitions, run_keys, tick
from genart_assets_tests.stages.planning.test_rounds import TEXT, store_verdicts


def judge(studio: Studio, batch: Batch, failing: set[int]) -> None:
    """Verdicts in the storage, and Dagster's knowledge of them."""
    brief = studio.brief(TEXT)
    plan = (
        studio.plan(batch, TEXT)
        if batch.round == 0
        else plan_retry_batch(
            brief, batch, retries_of(studio.storage, batch), lambda _: schedule_of(brief.model, brief.sampler)
        )
    )
    store_verdicts(studio.storage, batch, plan, failing)
    studio.instance.report_runless_asset_event(dg.AssetMaterialization("verdicts", partition=batch.key))


def take_turn(studio: Studio, partition: str) -> dict[str, dg.MetadataValue]:
    result = defs.resolve_job_def("take_turn").execute_in_process(
        instance=studio.instance, partition_key=partition, run_config=QUIET
    )
    (event,) = result.asset_materializations_for_node("round_outcomes")
    return dict(event.metadata)


def test_the_loop_goes_on_until_everything_passed(studio: Studio) -> None:
    first, second = studio.order(TEXT, batch_rows=3)
    order = first.order
    judge(studio, first, {1})
    told = tick(studio, "retry_sensor")
    assert not told.run_requests, "half of the round is not judged"

    judge(studio, second, {4})
    told = tick(studio, "retry_sensor", told.cursor)
    assert run_keys(told) == [f"turn:{order}.r0"]
    assert run_keys(tick(studio, "retry_sensor", told.cursor)) == [f"turn:{order}.r0"], "until it was taken"
    page = take_turn(studio, f"{order}.r0")
    assert (page["passed"].value, page["images"].value, page["next_round_images"].value) == (4, 6, 2)
    assert page["failed"].records[0].data == {"expectation": "prompt_alignment", "images": 2}

    told = tick(studio, "retry_sensor", told.cursor)
    assert partitions(told) == [f"{order}.r1.0000"]
    assert told.run_requests[0].job_name == "render"
    assert f"{order}.r1.0000" in studio.instance.get_dynamic_partitions(str(batches.name))
    assert not tick(studio, "retry_sensor", told.cursor).run_requests

    judge(studio, batch_of(studio.storage, f"{order}.r1.0000"), set())
    told = tick(studio, "retry_sensor", told.cursor)
    assert run_keys(told) == [f"turn:{order}.r1"]


def test_the_turn_tells_which_moves_the_latitudes_refused_with_the_bound(studio: Studio) -> None:
    (batch,) = studio.order(TEXT, batch_rows=6)
    judge(studio, batch, {1, 4})
    tick(studio, "retry_sensor")
    book, told = OrderBook.open(studio.storage, batch.order), "guidance is 49, outside [3, 9]"
    plan = plan_retry(book.brief, book.failing_slots(0))
    book.store_round(1, RetryPlan(plan.retries, refused={"wild": told}))
    page = take_turn(studio, f"{batch.order}.r0")
    assert page["refused_moves"].records[0].data == {"move": "wild", "why": told}
    assert page["slots_without_a_move"].value == 0


def test_a_brief_without_retries_takes_no_turn(studio: Studio) -> None:
    (batch,) = studio.order()
    studio.instance.report_runless_asset_event(dg.AssetMaterialization("verdicts", partition=batch.key))
    told = tick(studio, "retry_sensor")
    assert not told.run_requests
    assert told.skip_message == "0 loops open, nothing to ask for"


def test_an_order_that_cannot_be_read_holds_up_no_other(studio: Studio) -> None:
    studio.instance.add_dynamic_partitions(str(batches.name), ["stray.0123456789.r0.0000"])
    studio.instance.report_runless_asset_event(
        dg.AssetMaterialization("verdicts", partition="stray.0123456789.r0.0000")
    )
    (batch,) = studio.order(TEXT, batch_rows=6)
    judge(studio, batch, {0})
    assert run_keys(tick(studio, "retry_sensor")) == [f"turn:{batch.key.rsplit('.', 2)[0]}.r0"]


@pytest.mark.parametrize("content", [b'{"rows": ', b"{}"])
def test_a_damaged_round_of_one_order_holds_up_no_other(
    studio: Studio, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    (damaged,) = studio.order(TEXT.replace("market", "damaged"), batch_rows=6)
    path = round_path(damaged.order, 1)
    studio.storage.write_once(path, content)
    studio.instance.report_runless_asset_event(dg.AssetMaterialization("verdicts", partition=damaged.key))
    (batch,) = studio.order(TEXT, batch_rows=6)
    judge(studio, batch, {0})
    open_at = Seen(open={damaged.order: Turn(round=1)}).canonical()
    told = tick(studio, "retry_sensor", open_at)
    assert f"turn:{batch.order}.r0" in run_keys(told)
    assert f"the loop of {damaged.order} waits: {studio.storage.root}/{path} is damaged" in capfd.readouterr().err
    assert damaged.order in Seen.model_validate_json(told.cursor or "").open, "it goes on when the file is restored"
