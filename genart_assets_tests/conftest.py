"""What every test may use: the real servers, started at first use. Torch's threads wait as `genart run` lets them, and
Hypothesis has no deadline: a busy machine is no failure.

All homes sign with one studio's certificate, so that what two of them deliver can be compared byte for byte.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import hypothesis
import pytest

from genart_assets.instance import process_settings

process_settings.begin()  # before the first test imports torch
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

from genart_assets_tests.homes import failing_and_fine, rendered_once  # noqa: E402
from genart_assets_tests.servers.fixtures import feast, postgres_server, postgres_url, s3_root, s3_server  # noqa: E402
from genart_assets_tests.warm.python import warm_python_served  # noqa: E402

__all__ = ["feast", "postgres_server", "postgres_url", "s3_root", "s3_server"]


def pytest_sessionstart(session: pytest.Session) -> None:
    """What the processes of a session share; xdist's workers find it in the environment that they inherit."""
    if not hasattr(session.config, "workerinput"):
        shared = ExitStack()
        session.config.add_cleanup(shared.close)
        os.environ.update(shared.enter_context(_studio_certificate()))
        os.environ.update(shared.enter_context(warm_python_served()))


@contextmanager
def _studio_certificate() -> Iterator[dict[str, str]]:
    from genart_assets.signing.own_certificate import CERTIFICATE, FOLDER, KEY, own_identity
    from genart_assets.signing.studio import CERTIFICATE_VARIABLE, KEY_VARIABLE

    with tempfile.TemporaryDirectory(prefix="genart-studio-") as studio:
        own_identity(Path(studio))
        folder = Path(studio) / FOLDER
        yield {CERTIFICATE_VARIABLE: str(folder / CERTIFICATE), KEY_VARIABLE: str(folder / KEY)}


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Briefs `failing` and `fine`, and the home in which one command ran them. To be copied, not to be worked in."""
    return rendered_once("failing_and_fine", failing_and_fine, tmp_path_factory)
