"""What every test may use: the real servers, started at first use. Torch's threads wait as `genart run` lets them, and
Hypothesis has no deadline: a busy machine is no failure.

All homes sign with one studio's certificate, so that what two of them deliver can be compared byte for byte.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from genart_assets.instance import process_settings

process_settings.begin()  # before the first test imports torch
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

from genart_assets_tests.servers.fixtures import feast, postgres_server, postgres_url, s3_root, s3_server  # noqa: E402

__all__ = ["feast", "postgres_server", "postgres_url", "s3_root", "s3_server"]


@pytest.fixture(scope="session", autouse=True)
def _studio_certificate() -> Iterator[None]:
    from genart_assets.signing.own_certificate import CERTIFICATE, FOLDER, KEY, own_identity
    from genart_assets.signing.studio import CERTIFICATE_VARIABLE, KEY_VARIABLE

    with tempfile.TemporaryDirectory(prefix="genart-studio-") as studio:
        own_identity(Path(studio))
        os.environ[CERTIFICATE_VARIABLE] = str(Path(studio) / FOLDER / CERTIFICATE)
        os.environ[KEY_VARIABLE] = str(Path(studio) / FOLDER / KEY)
        yield
