"""The outside services that a home may use, as two environment variables name them: PostgreSQL and S3."""

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
    """Address with the password; scheme ``postgresql+psycopg2``, the driver that dagster-postgres works with."""

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        return f"PostgreSQL {parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"


@dataclass(frozen=True)
class S3:
    """A place in S3 for stored assets and for what steps print."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    @property
    def compute_logs_prefix(self) -> str:
        return f"{self.prefix}/dagster".lstrip("/")


def postgres_from(environment: Mapping[str, str] = os.environ) -> Postgres | None:
    """The database that GENART_POSTGRES_URL names, or None.

    Raises:
        InputError: it is no PostgreSQL address. StorageError: the libraries for it are not installed.
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
            f"{POSTGRES_VARIABLE} is no PostgreSQL address",
            remedy="write postgresql://user:password@host:port/database into it, or unset it to use SQLite",
        )
    missing = [name for name in ("dagster_postgres", "psycopg2") if importlib.util.find_spec(name) is None]
    if missing:
        raise StorageError(
            f"{POSTGRES_VARIABLE} is set, but {' and '.join(missing)} cannot be imported",
            remedy="pip install 'genart-assets[postgres]', or unset the variable to use SQLite",
        )
    return Postgres(f"{POSTGRES_SCHEME}://{rest}")


def storage_from(home: Path, environment: Mapping[str, str] = os.environ) -> Path | S3:
    """The storage root: GENART_STORAGE (``s3://bucket/prefix`` or a directory), else ``storage/`` in the home.

    Raises:
        InputError: the variable names another scheme, or no bucket.
    """
    given = environment.get(STORAGE_VARIABLE, "")
    if not given:
        return home / "storage"
    scheme, separator, rest = given.partition("://")
    if not separator:
        return Path(given).absolute()
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not BUCKET_PATTERN.fullmatch(bucket):
        raise InputError(f"{STORAGE_VARIABLE} is {given!r}", remedy="use s3://bucket/prefix, a directory, or unset it")
    return S3(bucket, prefix.strip("/"))


def require_postgres(postgres: Postgres) -> str:
    """The version of the PostgreSQL server, once it has let us in.

    Raises:
        StorageError: the server cannot be reached or refuses.
    """
    import psycopg2

    try:
        connection = psycopg2.connect(postgres.url.replace(POSTGRES_SCHEME, "postgresql", 1), connect_timeout=10)
    except psycopg2.Error as error:
        raise StorageError(
            f"{postgres} does not let us in: {' '.join(str(error).split())}",
            remedy=f"start the server, or correct user, password and database in {POSTGRES_VARIABLE}",
        ) from error
    try:
        return f"{connection.server_version // 10000}.{connection.server_version % 10000}"
    finally:
        connection.close()
