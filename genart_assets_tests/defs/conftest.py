"""Studios without a home: a storage that the environment names, and an instance of its own."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from genart_assets.instance.home import Home
from genart_assets.storage.root import Storage
from genart_assets_tests.defs.studio import Studio
from genart_assets_tests.storage.roots import moto_address, moto_root

__all__ = ["housed", "moto_address", "moto_root", "studio"]


@pytest.fixture(autouse=True)
def _no_home_in_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GENART_HOME", "GENART_STORAGE", "GENART_POSTGRES_URL", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """Its instance lives in memory."""
    storage = Storage.open(str(tmp_path / "storage"))
    monkeypatch.setenv("GENART_STORAGE", storage.root)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Studio(storage, instance)


@pytest.fixture
def housed(tmp_path: Path) -> Iterator[Studio]:
    """Its instance is that of a home, in SQLite."""
    home = Home.open(tmp_path / "home")
    with home.instance() as instance:
        yield Studio(Storage.open(home.storage_root), instance)
