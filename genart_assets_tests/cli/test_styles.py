"""`genart styles`: what a person decides about a style's versions is kept under a name, or refused."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from genart_assets.cli.styles import styles_command
from genart_assets.errors import InputError
from genart_assets.instance.home import Home
from genart_assets.learning.styles import store_style
from genart_assets.loras.history import history
from genart_assets.loras.versions import add_candidate, promote, promoted
from genart_assets.storage.root import Storage
from genart_assets_tests.learning.test_training_sets import STYLE
from genart_assets_tests.loras.test_versions import lora

BY: dict[str, Any] = {"by": "ada", "time": datetime(2026, 1, 1, tzinfo=UTC)}


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """A home with a style, of which one version is promoted."""
    monkeypatch.delenv("GENART_STORAGE", raising=False)
    monkeypatch.setenv("GENART_HOME", str(tmp_path / "home"))
    storage = Storage.open(Home.open().storage_root)
    store_style(storage, STYLE)
    promote(storage, "house", add_candidate(storage, "house", *lora(1.0), **BY).version, **BY)
    return storage


def decide(**options: Any) -> None:
    nothing = {"promote": None, "forbid": None, "roll_back": False, "by": "ada", "why": "", "as_json": True}
    styles_command("house", **{**nothing, **options})


def test_the_promoted_version_is_forbidden_by_that_word(storage: Storage) -> None:
    decide(forbid="promoted", why="too dark")
    assert promoted(storage, "house") is None
    assert (history(storage, "house")[-1].happening, history(storage, "house")[-1].why) == ("vetoed", "too dark")


def test_an_account_without_a_name_is_asked_for_one(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nameless)
    with pytest.raises(InputError) as told:
        decide(roll_back=True, by=None)
    assert "--by" in told.value.remedy
    assert len(history(storage, "house")) == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"forbid": "promoted", "by": " "}, "by ''"),
        ({"promote": ""}, "style house has no version ''"),
        ({"promote": "0123456789ab"}, "style house has no version '0123456789ab'"),
        ({"promote": "promoted", "roll_back": True}, "more than one decision"),
    ],
)
def test_a_decision_that_is_none_is_refused(storage: Storage, options: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        decide(**options)
    assert len(history(storage, "house")) == 2
