"""What every test may use: the real servers, started at first use."""

from genart_assets_tests.servers.fixtures import postgres_server, postgres_url, s3_root, s3_server

__all__ = ["postgres_server", "postgres_url", "s3_root", "s3_server"]
