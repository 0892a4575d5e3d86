"""What every test may use: the real servers, started at first use. Torch's threads wait as `genart run` lets them."""

from genart_assets.runner import process_settings

process_settings.begin()  # before the first test imports torch

from genart_assets_tests.servers.fixtures import feast, postgres_server, postgres_url, s3_root, s3_server  # noqa: E402

__all__ = ["feast", "postgres_server", "postgres_url", "s3_root", "s3_server"]
