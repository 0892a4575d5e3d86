"""`genart run` goes on with retry rounds: what failed is rendered again with changed parameters, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from genart_assets.instance.home import Home
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets_tests.runner.command import answer, genart, latents_of, statuses, write_brief


def rounds_of(home: Path, brief: Path, count: int) -> list[pd.DataFrame]:
    storage = Storage.open(Home.open(home).storage_root)
    (order,) = storage.names("orders")
    key = order.removesuffix(".json")
    return [OrderBook.open(storage, key).rows(n) for n in range(count)]


@pytest.mark.slow
def test_rounds_end_with_the_brief_or_with_the_last_failure(tmp_path: Path) -> None:
    """A cosine above 1 does not exist: every slot fails every round."""
    home = tmp_path / "home"
    brief = write_brief(
        tmp_path,
        "hopeless",
        4,
        latitudes={"guidance": [3, 9]},
        style_guide={"expect": {"prompt_alignment": {"min": 2}}},
        retry={"rounds": 2, "moves": ["more_guidance"]},
    )
    summary = answer(genart(home, "run", brief, "--batch-rows", 3, "--json"))
    assert [(r["round"], r["rendered"], r["passed"]) for r in summary["rounds"]] == [(0, 4, 0), (1, 4, 0), (2, 4, 0)]
    assert (summary["slots"], summary["passed"], summary["failed"], summary["delivered"]) == (4, 0, 4, 0)
    assert len(latents_of(home)) == 12
    assert [Path(sheet).name.rpartition(".r")[2] for sheet in summary["sheets"]] == ["1.webp", "2.webp"]
    for sheet in summary["sheets"]:
        assert Image.open(sheet).format == "WEBP"

    first, second, third = rounds_of(home, brief, 3)
    assert list(second["parent"]) == list(first["recipe_id"])
    assert list(third["parent"]) == list(second["recipe_id"])
    assert set(second["move"]) == set(third["move"]) == {"more_guidance"}
    storage = Storage.open(Home.open(home).storage_root)
    plan = TableStore(storage, "generation_plan", second["batch"][0]).read()
    assert set(plan["guidance"]) == {7.0}

    ran = statuses(home)
    again = answer(genart(home, "run", brief, "--batch-rows", 3, "--json"))
    assert again["newly_rendered"] == 0
    assert again["rounds"] == summary["rounds"]
    assert statuses(home) == ran


def test_slots_that_pass_are_not_tried_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    guide = {"expect": {"sharpness": {"min": 0}}}
    brief = write_brief(tmp_path, "easy", 4, style_guide=guide, retry={"rounds": 3})
    summary = answer(genart(home, "run", brief, "--json"))
    assert [(r["round"], r["rendered"], r["passed"]) for r in summary["rounds"]] == [(0, 4, 4)]
    assert summary["delivered"] == 4


def test_a_batch_below_its_floor_waits_for_a_person_and_is_not_retried(tmp_path: Path) -> None:
    home = tmp_path / "home"
    guide = {"expect": {"prompt_alignment": {"min": 2}}, "batch": {"min_yield": 0.5}}
    brief = write_brief(tmp_path, "held", 4, style_guide=guide, retry={"rounds": 2})
    summary = answer(genart(home, "run", brief, "--json"))
    assert [(r["round"], r["rendered"]) for r in summary["rounds"]] == [(0, 4)]
    assert (summary["waiting"], summary["passed"], summary["delivered"]) == (4, 0, 0)
    (rows,) = rounds_of(home, brief, 1)
    assert set(rows["held"]) == {"yield ≥ 0.5: 0"}
    assert "wait for a person" in genart(home, "run", brief).stdout
