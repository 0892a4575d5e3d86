"""What a person decides in Chromium changes what is delivered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from genart_assets_tests.review_page.pages import review_server
from genart_assets_tests.runner.command import answer, genart, write_brief


def delivered(home: Path) -> dict[int, dict[str, Any]]:
    """Slot to the manifest of its files, all of which are there."""
    found: dict[int, dict[str, Any]] = {}
    for file in (home / "storage" / "deliveries").glob("**/manifest.json"):
        manifest = json.loads(file.read_text())
        assert all((file.parent / line["name"]).is_file() for line in manifest["files"])
        found[int(file.parent.name.partition("-")[0])] = manifest
    return found


@pytest.mark.slow
def test_decisions_by_keyboard_become_files(chromium: Browser, tmp_path: Path) -> None:
    """Four images that the gate stops: a cosine above 1 does not exist."""
    home = tmp_path / "home"
    brief = write_brief(
        tmp_path,
        "hopeless",
        4,
        style_guide={"expect": {"prompt_alignment": {"min": 2}}},
        latitudes={"guidance": [3, 9]},
    )
    first = answer(genart(home, "run", brief, "--json"))
    assert (first["passed"], first["delivered"]) == (0, 0)
    assert delivered(home) == {}

    with review_server(home) as server, chromium.new_context() as context:
        page = context.new_page()
        page.goto(server.address)
        page.keyboard.press("Enter")
        heading = page.locator("#stage h2")
        expect(heading).to_contain_text("slot 0")
        page.keyboard.press("a")
        expect(heading).to_contain_text("slot 1")
        page.keyboard.press("r")
        expect(heading).to_contain_text("slot 2")
        page.keyboard.press("e")
        page.fill("#redo input[name=guidance]", "7")
        page.keyboard.press("Enter")
        expect(heading).to_contain_text("slot 3")
        expect(page.locator("#link")).to_have_text("everything is saved")

        second = answer(genart(home, "run", brief, "--json"))
        assert (second["accepted"], second["delivered"], second["newly_rendered"]) == (1, 1, 1)
        assert {slot: manifest["accepted_by"] for slot, manifest in delivered(home).items()} == {0: "Ada"}

        page.reload()
        page.keyboard.press("Enter")
        expect(heading).to_contain_text("slot 2")
        expect(page.locator(".attempt")).to_have_count(2)
        page.keyboard.press("a")
        expect(page.locator("#link")).to_have_text("everything is saved")

    third = answer(genart(home, "run", brief, "--json"))
    assert (third["accepted"], third["delivered"], third["newly_rendered"]) == (2, 2, 0)
    redone = delivered(home)[2]
    assert set(delivered(home)) == {0, 2}
    assert redone["recipe"]["guidance"] == 7.0
