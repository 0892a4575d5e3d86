"""Fixtures: a storage on the local disk, and one in S3."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from genart_assets.storage.root import Storage


@pytest.fixture(scope="session")
def moto_address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def moto_root(moto_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """``s3://bucket/prefix`` in a fresh bucket; the AWS variables of this process point at its server."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "studio")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bucket = f"studio-{uuid.uuid4().hex[:12]}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/art"


@pytest.fixture(params=["disk", "s3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The root of an empty storage, of each kind."""
    return str(tmp_path / "storage") if request.param == "disk" else request.getfixturevalue("moto_root")


@pytest.fixture
def storage(root: str) -> Storage:
    return Storage.open(root)


@pytest.fixture
def disk(tmp_path: Path) -> Storage:
    return Storage.open(str(tmp_path / "storage"))


def on_small_disk(command: list[str], folder: Path, *, options: str) -> tuple[list[str], dict[str, str]]:
    """``command`` with a tmpfs of its own, mounted with ``options``, at ``folder``; its environment."""
    folder.mkdir(parents=True, exist_ok=True)
    script = f'mount -t tmpfs -o {options} none "{folder}" && exec "$@"'
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", *command], dict(os.environ)
