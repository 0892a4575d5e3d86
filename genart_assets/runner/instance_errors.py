"""Dagster's database in trouble, told with a remedy."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from dagster import DagsterError

from genart_assets.errors import StorageError
from genart_assets.instance.home import Home


@contextmanager
def instance_explained(home: Home) -> Generator[None]:
    """Raises what the database of runs and events refuses inside the block as StorageError."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, DagsterError) as error:
        said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StorageError(
            f"the Dagster instance of {home.path} cannot be read or written: {said}",
            remedy="free space if the disk is full, then run the same command again; run `genart doctor` for details",
        ) from error
