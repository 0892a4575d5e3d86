"""An inbox whose files have settled, and what a tick left in it, for the tests of the inbox."""

from pathlib import Path

import pytest

from genart_assets.defs.sensors import inbox_files
from genart_assets_tests.defs.studio import BRIEF, Studio

MALFORMED = BRIEF.replace("sampler: {steps: 2}", "sampler: {stepz: 2}")


@pytest.fixture(autouse=True)
def _files_are_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_files, "SETTLED_SECONDS", -1.0)


@pytest.fixture
def folder(housed: Studio) -> Path:
    path = Path(housed.storage.root) / "inbox"
    path.mkdir(parents=True)
    return path


def named(brief_id: str) -> str:
    return BRIEF.replace("market", brief_id)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
