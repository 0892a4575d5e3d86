from pathlib import Path

import pytest

from genart_assets.starter_training.icons import Icons, Sources, read_icons
from genart_assets_tests.starter_training.icon_packages import WORDS, write_packages


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return write_packages(Path(tmp_path_factory.mktemp("icons")))


@pytest.fixture(scope="session")
def icons(sources: Sources) -> Icons:
    return read_icons(sources, WORDS)
