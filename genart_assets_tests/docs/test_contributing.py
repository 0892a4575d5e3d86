"""CONTRIBUTING leads a newcomer to files that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import genart_assets
from genart_assets_tests.docs.pages import ROOT

PACKAGE = Path(genart_assets.__file__).parent
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
LOCATIONS = {
    abstraction: re.findall(r"`([\w/]+(?:/|\.py))`", location)
    for abstraction, location, _ in ROWS
    if abstraction not in ("abstraction", "---")
}


@pytest.mark.parametrize("abstraction", LOCATIONS)
def test_the_location_of_an_abstraction_is_there(abstraction: str) -> None:
    assert LOCATIONS[abstraction]
    assert [place for place in LOCATIONS[abstraction] if not (PACKAGE / place).exists()] == []


def test_the_first_questions_of_a_newcomer_are_answered() -> None:
    assert LOCATIONS["choice of a move"] == ["stages/retrying/plan_retry.py"]
    assert "deliverables/png.py" in LOCATIONS["format"]
    assert LOCATIONS["engine"] == ["runner/engine.py"]
