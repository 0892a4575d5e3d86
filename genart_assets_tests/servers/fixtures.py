"""Fixtures over real servers and Feast. Where one is missing, tests skip; with GENART_REQUIRE_SERVERS=1 they fail."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import boto3
import pytest
from s3fs import S3FileSystem

from genart_assets.errors import FeatureStoreError
from genart_assets.features.feast_process import feast_python
from genart_assets_tests.servers.postgres import PostgresServer, find_programs, postgres
from genart_assets_tests.servers.swift import S3Server, swift

SWIFT_VARIABLE = "GENART_TEST_SWIFT_BIN"
REQUIRED_VARIABLE = "GENART_REQUIRE_SERVERS"


def missing(what: str) -> NoReturn:
    """Skip the test, or fail it where the servers are required."""
    if os.environ.get(REQUIRED_VARIABLE) == "1":
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    programs = find_programs()
    if programs is None:
        missing("PostgreSQL is not installed (apt-get install postgresql)")
    with (
        tempfile.TemporaryDirectory(prefix="genart-postgres-", dir="/tmp") as base,
        postgres(Path(base), programs) as server,
    ):
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The address of a fresh database on a real PostgreSQL server; its password needs quoting."""
    return postgres_server.create_database(f"genart_{uuid.uuid4().hex}")


@pytest.fixture
def feast() -> str:
    """The Python of an environment that has Feast."""
    try:
        return feast_python()
    except FeatureStoreError as error:
        missing(str(error))


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A real S3 server, which refuses a wrong secret."""
    programs = os.environ.get(SWIFT_VARIABLE, "")
    if not programs or shutil.which("memcached") is None:
        missing(f"no S3 server: {SWIFT_VARIABLE} names the bin of an environment with swift; memcached comes from apt")
    with tempfile.TemporaryDirectory(prefix="genart-swift-") as base, swift(Path(base), Path(programs)) as server:
        yield server


@pytest.fixture
def s3_root(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """``s3://bucket/prefix`` in a fresh bucket of the real S3 server; the AWS variables of this process point at it.

    boto3's default session and fsspec's file systems hold the credentials that they first saw, which may be those of an
    earlier test's server.
    """
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    S3FileSystem.clear_instance_cache()
    bucket = f"genart-{uuid.uuid4().hex}"
    s3_server.client().create_bucket(Bucket=bucket)
    return f"s3://{bucket}/studio"
