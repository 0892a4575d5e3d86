"""An environment that names no home and no service, whatever the shell that started the tests holds."""

import pytest


@pytest.fixture(autouse=True)
def _no_home_in_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GENART_HOME", "GENART_STORAGE", "GENART_POSTGRES_URL", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
