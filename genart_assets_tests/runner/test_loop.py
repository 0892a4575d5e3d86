"""The loop of a run: what one order holds is no other's problem."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from genart_assets.records.plan import Origin
from genart_assets.records.retry import RetryPlan, SlotRetry
from genart_assets.records.studio import UNBOUND
from genart_assets.runner.engine import NO_CONFIG, Config, Engine, Report
from genart_assets.runner.heard import Heard
from genart_assets.runner.loop import Loop
from genart_assets.stages.acceptance.accept_brief import accept_brief
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.planning.rounds import round_path
from genart_assets.storage.root import Storage

TEXT = "brief: NAME\nprompt: icon of {subject}\nvary: {subject: [pear, fig]}\nretry: {rounds: 1, moves: [new_seed]}\n"


class NoEngine(Engine):
    """Nothing is executed: no round of these orders is judged."""

    name = "none"
    at_once = 0

    def execute(
        self, job: str, key: str, *, assets: Sequence[str] = (), config: Config = NO_CONFIG, report: Report
    ) -> str | None:
        raise AssertionError(f"{job} of {key}")


def with_a_round(storage: Storage, name: str) -> OrderBook:
    """An order whose first retry round is planned."""
    accepted = accept_brief(storage, TEXT.replace("NAME", name), source="brief.yaml", studio=UNBOUND)
    book = OrderBook.open(storage, accepted.order.key)
    origin = Origin(parent="0" * 64, move="new_seed", reason="contrast 1 below 2")
    retry = SlotRetry(slot_index=1, settings=settings_of(book.brief), origin=origin)
    book.store_round(1, RetryPlan(retries=[retry]))
    return book


def test_an_order_with_a_damaged_round_is_named_once_and_the_others_go_on(tmp_path: Path) -> None:
    storage = Storage.open(str(tmp_path))
    damaged, sound = with_a_round(storage, "damaged"), with_a_round(storage, "sound")
    path = round_path(damaged.key, 1)
    storage.replace(path, b"{")
    heard = Heard()
    with dg.DagsterInstance.ephemeral() as instance:
        loop = Loop(NoEngine(), instance, [damaged, sound], heard)
        assert [batch.key for batch in loop.next_round()] == [f"{sound.key}.r1.0000"]
        assert loop.next_round() == []
        assert not loop.settle()
    (problem,) = heard.problems
    assert problem.startswith(f"{damaged.key}: {storage.root}/{path} is damaged: ")
    assert "restore the file" in problem
