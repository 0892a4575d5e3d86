"""Reads the environment variables for PostgreSQL and S3, the services that a home can use."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from genart_assets.errors import InputError, StorageError

POSTGRES_VARIABLE = "GENART_POSTGRES_URL"
STORAGE_VARIABLE = "GENART_STORAGE"
POSTGRES_SCHEME = "postgresql+psycopg2"
BUCKET_PATTERN = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL database for runs, events and partitions."""

    url: str = field(repr=False)
    """Address with the password; its scheme ``postgresql+psycopg2`` names the driver of dagster-postgres."""

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        return f"PostgreSQL {parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"


@dataclass(frozen=True)
class S3:
    """A place in S3 for stored assets and for the output of steps."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    @property
    def compute_logs_prefix(self) -> str:
        return f"{self.prefix}/dagster".lstrip("/")


def postgres_from(environment: Mapping[str, str] = os.environ) -> Postgres | None:
    """The database in GENART_POSTGRES_URL, or None.

    Raises:
        InputError: it is not a PostgreSQL address. StorageError: the libraries for it are not installed.
    """
    given = environment.get(POSTGRES_VARIABLE, "")
    if not given:
        return None
    scheme, separator, rest = given.partition("://")
    if (
        scheme not in ("postgres", "postgresql", POSTGRES_SCHEME)
        or not separator
        or not urlsplit(f"//{rest}").path.strip("/")
    ):
        raise InputError(
            f"{POSTGRES_VARIABLE} is not a PostgreSQL address",
            remedy="set it to postgresql://user:password@host:port/database, or unset it to use SQLite",
        )
    missing = [name for name in ("dagster_postgres", "psycopg2") if importlib.util.find_spec(name) is None]
    if missing:
        raise StorageError(
            f"{POSTGRES_VARIABLE} is set, but {' and '.join(missing)} cannot be imported",
            remedy="pip install 'genart-assets[postgres]', or unset the variable to use SQLite",
        )
    return Postgres(f"{POSTGRES_SCHEME}://{rest}")


def storage_from(home: Path, environment: Mapping[str, str] = os.environ) -> Path | S3:
    """The storage root: GENART_STORAGE (``s3://bucket/prefix`` or a directory), otherwise ``storage/`` in the home.

    Raises:
        InputError: the variable has another scheme, or does not name a bucket.
    """
    given = environment.get(STORAGE_VARIABLE, "")
    if not given:
        return home / "storage"
    scheme, separator, rest = given.partition("://")
    if not separator:
        return Path(given).absolute()
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not BUCKET_PATTERN.fullmatch(bucket):
        raise InputError(
            f"{STORAGE_VARIABLE} is {given!r}", remedy="set it to s3://bucket/prefix or a directory, or unset it"
        )
    return S3(bucket, prefix.strip("/"))


def require_postgres(postgres: Postgres) -> str:
    """The version of the PostgreSQL server, after a successful login.

    Raises:
        StorageError: the server cannot be reached or refuses the login.
    """
    import psycopg2

    try:
        connection = psycopg2.connect(postgres.url.replace(POSTGRES_SCHEME, "postgresql", 1), connect_timeout=10)
    except psycopg2.Error as error:
        raise StorageError(
            f"{postgres} refuses the connection: {' '.join(str(error).split())}",
            remedy=f"start the server, or correct user, password and database in {POSTGRES_VARIABLE}",
        ) from error
    try:
        return f"{connection.server_version // 10000}.{connection.server_version % 10000}"
    finally:
        connection.close()
