"""How long the loop's own work takes: ``python -m genart_assets_tests.defs.bench_loop``.

One line of JSON: seconds of every tick of `retry_sensor` over an order of many batches that are judged (500 verdicts
are taken in a tick, and 20 runs asked for), and of a tick when nothing is due; seconds to plan a retry for each of many
failing slots. Options: ``--batches``, ``--slots``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import dagster as dg

from genart_assets.instance.home import Home
from genart_assets.records.retry import Attempt
from genart_assets.records.verdict import FailedExpectation
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.retrying.next_round import plan_round
from genart_assets.stages.retrying.plan_retry import plan_retry
from genart_assets.stages.retrying.round_outcome import Repair
from genart_assets.storage.root import Storage
from genart_assets_tests.defs.studio import Studio
from genart_assets_tests.defs.ticks import tick
from genart_assets_tests.stages.planning.test_rounds import TEXT, store_verdicts

ROWS = 6


def ticks(folder: Path, batches: int) -> dict[str, float | int]:
    """A round of judged batches, each with one failed slot, up to the runs of the next round."""
    home = Home.open(folder)
    text = TEXT.replace("retry:", f"repeats: {batches}\nretry:")
    with home.instance() as instance:
        studio = Studio(Storage.open(home.storage_root), instance)
        planned = studio.order(text, ROWS)
        for batch in planned:
            store_verdicts(studio.storage, batch, studio.plan(batch, text), {batch.first_row})
            instance.report_runless_asset_event(dg.AssetMaterialization("verdicts", partition=batch.key))
        spent: list[float] = []
        asked: list[int] = []

        def one(cursor: str | None) -> str | None:
            began = time.perf_counter()
            told = tick(studio, "retry_sensor", cursor)
            spent.append(round(time.perf_counter() - began, 3))
            asked.append(len(told.run_requests or ()))
            return told.cursor

        cursor = None
        while not asked or not asked[-1]:
            cursor = one(cursor)
        book = OrderBook.open(studio.storage, planned[0].order)
        began = time.perf_counter()
        plan_round(book, 1)
        turn = time.perf_counter() - began
        instance.report_runless_asset_event(dg.AssetMaterialization("round_outcomes", partition=f"{book.key}.r0"))
        while asked[-1]:
            cursor = one(cursor)
        return {
            "batches": len(planned),
            "ticks": len(spent),
            "runs_asked_for": sum(asked),
            "longest_tick_seconds": max(spent),
            "idle_tick_seconds": spent[-1],
            "turn_seconds": round(turn, 2),
        }


def planning(slots: int) -> float:
    """Seconds to plan a retry for slots that failed twice, with a record of the round before."""
    from genart_assets.stages.acceptance.what_is_installed import installed
    from genart_assets.stages.briefs.read_briefs import read_brief

    brief = read_brief(TEXT.replace(", moves: [more_guidance]", ""), source="brief.yaml", known=installed())
    unmet = FailedExpectation(expectation="prompt_alignment", value=0.4, min=0.7)
    first = settings_of(brief)
    second = first.model_copy(update={"guidance": 7.0})
    failing = {
        slot: [
            Attempt(round=0, recipe_id=f"{slot}a", settings=first, failed=(unmet,)),
            Attempt(round=1, recipe_id=f"{slot}b", settings=second, move="more_guidance", failed=(unmet,)),
        ]
        for slot in range(slots)
    }
    record = [Repair(move="more_guidance", expectation="prompt_alignment", images=2 * slots, passed=slots)]
    began = time.perf_counter()
    plan = plan_retry(brief, failing, record)
    spent = time.perf_counter() - began
    assert len(plan.retries) == slots
    return round(spent, 2)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--batches", type=int, default=1_000)
    options.add_argument("--slots", type=int, default=100_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="genart-loop-") as folder:
        found = ticks(Path(folder), given.batches)
    print(json.dumps({**found, "slots": given.slots, "planning_seconds": planning(given.slots)}))


if __name__ == "__main__":
    main()
