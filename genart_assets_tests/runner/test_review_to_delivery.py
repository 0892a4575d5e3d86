"""What people decide changes what is delivered: by `genart run`, on top of what it did before."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from genart_assets.instance.home import Home
from genart_assets.records.decision import Decision
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.reviewing.decisions import append
from genart_assets.storage.root import Storage
from genart_assets_tests.runner.command import answer, genart, latents_of, write_brief

NUMBERS = count(1)


class Desk:
    """A reviewer of the one order in a home."""

    def __init__(self, home: Path) -> None:
        self.storage = Storage.open(Home.open(home).storage_root)
        (name,) = self.storage.names("orders")
        self.book = OrderBook.open(self.storage, name.removesuffix(".json"))
        self.order, self.brief = self.book.order, self.book.brief

    def rows(self, round_: int) -> pd.DataFrame:
        return self.book.rows(round_)

    def decide(self, recipe_id: str, action: str, **fields: Any) -> Decision:
        decision = Decision(
            id=f"{next(NUMBERS):032x}",
            order=self.order.key,
            recipe_id=recipe_id,
            action=action,
            reviewer="ada",
            time=datetime.now(UTC),
            **fields,
        )
        append(self.storage, decision)
        return decision

    def manifests(self) -> dict[str, dict[str, Any]]:
        files = self.storage.path("deliveries").glob("**/manifest.json")
        return {found["recipe_id"]: found for found in (json.loads(file.read_text()) for file in files)}


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Four images that fail to the end: a cosine above 1 does not exist."""
    folder = tmp_path_factory.mktemp("reviewed")
    brief = write_brief(
        folder,
        "hopeless",
        4,
        style_guide={"expect": {"prompt_alignment": {"min": 2}}},
        latitudes={"guidance": [3, 9]},
    )
    return folder / "home", brief


@pytest.mark.slow
def test_what_a_person_accepts_is_delivered_and_what_is_sent_back_is_drawn_again(
    reviewed: tuple[Path, Path],
) -> None:
    home, brief = reviewed
    first = answer(genart(home, "run", brief, "--json"))
    assert (first["passed"], first["delivered"]) == (0, 0)
    desk = Desk(home)
    accepted, rejected, redone, untouched = desk.rows(0)["recipe_id"]
    desk.decide(accepted, "accept")
    desk.decide(rejected, "reject")
    wish = settings_of(desk.brief).model_copy(update={"guidance": 7.0})
    desk.decide(redone, "redo", settings=wish)

    second = answer(genart(home, "run", brief, "--json"))
    assert (second["accepted"], second["passed"], second["delivered"], second["newly_rendered"]) == (1, 1, 1, 1)
    assert [(r["round"], r["rendered"]) for r in second["rounds"]] == [(0, 4), (1, 1)]
    (manifest,) = desk.manifests().values()
    assert (manifest["recipe_id"], manifest["accepted_by"]) == (accepted, "ada")
    assert manifest["verdict"]["passed"] is False
    (again,) = desk.rows(1).to_dict("records")
    assert (again["parent"], again["move"], again["reason"]) == (redone, "redo", "ada asked for it")
    assert len(latents_of(home)) == 5

    third = answer(genart(home, "run", brief, "--json"))
    assert (third["newly_rendered"], third["delivered"], third["rounds"]) == (0, 1, second["rounds"])

    desk.decide(str(again["recipe_id"]), "accept")
    fourth = answer(genart(home, "run", brief, "--json"))
    assert (fourth["accepted"], fourth["delivered"]) == (2, 2)
    assert set(desk.manifests()) == {accepted, again["recipe_id"]}
    assert untouched not in desk.manifests()


def test_a_sample_of_what_passes_waits_for_a_person(tmp_path: Path) -> None:
    home = tmp_path / "home"
    brief = write_brief(tmp_path, "sampled", 4, review="all")
    first = answer(genart(home, "run", brief, "--json"))
    assert (first["passed"], first["delivered"], first["waiting"]) == (0, 0, 4)
    assert "4 images; genart review shows them" in genart(home, "run", brief).stdout
    desk = Desk(home)
    good, bad, *_ = desk.rows(0)["recipe_id"]
    word = desk.decide(good, "accept")
    desk.decide(bad, "reject")
    second = answer(genart(home, "run", brief, "--json"))
    assert (second["passed"], second["delivered"], second["waiting"]) == (1, 1, 2)
    assert set(desk.manifests()) == {good}

    desk.decide(good, "undo", undoes=word.id)
    desk.decide(good, "reject")
    third = answer(genart(home, "run", brief, "--json"))
    assert (third["accepted"], third["passed"]) == (0, 0)
    assert set(desk.manifests()) == {good}, "files that were delivered are not taken away"
