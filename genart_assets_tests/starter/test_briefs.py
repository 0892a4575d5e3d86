from __future__ import annotations

from pathlib import Path

import pytest

import genart_assets
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief_file

BRIEFS = Path(genart_assets.__file__).parent / "starter" / "briefs"
SLOTS = {"demo": 48, "market": 256, "learn": 320, "learn-references": 144, "learn-next": 48}


@pytest.mark.parametrize(("name", "slots"), SLOTS.items())
def test_the_shipped_briefs_are_good(name: str, slots: int) -> None:
    brief = read_brief_file(BRIEFS / f"{name}.yaml", known=installed())
    assert (brief.brief, brief.slot_count) == (name, slots)
    assert {path.stem for path in BRIEFS.glob("*.yaml")} == set(SLOTS)
