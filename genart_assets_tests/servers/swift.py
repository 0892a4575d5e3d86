"""A real S3 server on loopback: one-node OpenStack Swift with its S3 API, and the memcached that it needs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from genart_assets_tests.servers.waiting import free_ports, stopped, until

FILTERS = {
    "catch_errors": {},
    "gatekeeper": {},
    "healthcheck": {},
    "cache": {"use": "egg:swift#memcache"},
    "listing_formats": {},
    "bulk": {},
    "s3api": {"location": "us-east-1", "s3_acl": "false", "check_bucket_owner": "false", "min_segment_size": "1"},
    "tempauth": {"user_art_admin": "s3cret .admin"},
    "copy": {},
    "slo": {"minimum_segment_size": "1"},
    "dlo": {},
    "versioned_writes": {"allow_versioned_writes": "true", "allow_object_versioning": "true"},
    "symlink": {},
}
"""The proxy's pipeline, in order."""


@dataclass(frozen=True)
class S3Server:
    endpoint: str
    access_key: str = "art:admin"
    secret_key: str = "s3cret"
    region: str = "us-east-1"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which every AWS client finds this server."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": self.region,
        }

    def client(self, secret_key: str | None = None, config: Config | None = None) -> Any:
        """A boto3 client of this server, with another secret if one is given."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=secret_key or self.secret_key,
            region_name=self.region,
            config=config,
        )


@contextmanager
def swift(base: Path, programs: Path) -> Iterator[S3Server]:
    """Run Swift from the environment ``programs`` (its ``bin``) with all its state in ``base``."""
    proxy, account, container, stored, memcached = free_ports(5)
    ports = {"account": account, "container": container, "object": stored}
    etc = base / "etc"
    (base / "srv" / "d1").mkdir(parents=True)
    etc.mkdir()
    _write(etc / "swift.conf", {
        "swift-hash": {"swift_hash_path_suffix": "tests", "swift_hash_path_prefix": "tests"},
        "storage-policy:0": {"name": "gold", "default": "yes"},
    })  # fmt: skip
    for ring, port in ports.items():
        builder = str(etc / f"{ring}.builder")
        for step in (["create", "4", "1", "1"], ["add", f"r1z1-127.0.0.1:{port}/d1", "1"], ["rebalance"]):
            subprocess.run([programs / "swift-ring-builder", builder, *step], check=True, capture_output=True)
        _write(etc / f"{ring}.conf", _storage_server(base, ring, port))
    _write(etc / "proxy.conf", _proxy_server(base, proxy, memcached))

    environment = {**os.environ, "EVENTLET_NO_GREENDNS": "yes"}
    commands = {name: [programs / f"swift-{name}-server", etc / f"{name}.conf", "-v"] for name in (*ports, "proxy")}
    commands["memcached"] = [
        "memcached",
        "-l",
        "127.0.0.1",
        "-p",
        str(memcached),
        "-U",
        "0",
        "-u",
        getuser(),
        "-m",
        "16",
    ]
    with ExitStack() as stack:
        for name, command in commands.items():
            log = stack.enter_context(open(base / f"{name}.log", "wb"))
            server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
            stack.enter_context(stopped(server))
        found = S3Server(f"http://127.0.0.1:{proxy}")
        until(lambda: _serves(found), f"Swift to serve {found.endpoint}; its logs are in {base}")
        yield found


def _serves(server: S3Server) -> bool:
    """Whether a signed request reaches the account server."""
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
    try:
        server.client(config=once).list_buckets()
    except (BotoCoreError, ClientError):
        return False
    return True


def _storage_server(base: Path, ring: str, port: int) -> dict[str, dict[str, str]]:
    return {
        "DEFAULT": {
            **_common(base, port),
            "devices": str(base / "srv"),
            "mount_check": "false",
            "fallocate_reserve": "0",
            "disable_fallocate": "true",
        },
        "pipeline:main": {"pipeline": f"{ring}-server"},
        f"app:{ring}-server": {"use": f"egg:swift#{ring}"},
    }


def _proxy_server(base: Path, port: int, memcached: int) -> dict[str, dict[str, str]]:
    filters = {f"filter:{name}": {"use": f"egg:swift#{name}", **options} for name, options in FILTERS.items()}
    filters["filter:cache"]["memcache_servers"] = f"127.0.0.1:{memcached}"
    return {
        "DEFAULT": _common(base, port),
        "pipeline:main": {"pipeline": " ".join([*FILTERS, "proxy-server"])},
        "app:proxy-server": {
            "use": "egg:swift#proxy",
            "account_autocreate": "true",
            "allow_account_management": "true",
        },
        **filters,
    }


def _common(base: Path, port: int) -> dict[str, str]:
    return {
        "bind_ip": "127.0.0.1",
        "bind_port": str(port),
        "workers": "0",
        "user": getuser(),
        "swift_dir": str(base / "etc"),
        "log_address": "/nonexistent",
    }


def _write(path: Path, sections: dict[str, dict[str, str]]) -> None:
    config = RawConfigParser()
    config.read_dict(sections)
    with open(path, "w", encoding="utf-8") as file:
        config.write(file)
