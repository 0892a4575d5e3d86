"""Opens the home: the directory that holds everything a run writes, and the Dagster instance of `run` and `ui`."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from genart_assets.errors import StorageError
from genart_assets.instance.dagster_yaml import require_match, text_for, write_once
from genart_assets.instance.services import (
    POSTGRES_VARIABLE,
    S3,
    STORAGE_VARIABLE,
    Postgres,
    postgres_from,
    require_postgres,
    storage_from,
)

if TYPE_CHECKING:
    from dagster import DagsterInstance

HOME_VARIABLE = "GENART_HOME"
DEFAULT_HOME = "genart_home"
GPU_POOL = "gpu"
GPU_POOL_LIMIT = 1


def home_path() -> Path:
    """The path of the home, whether it exists or not: GENART_HOME, otherwise ``./genart_home``."""
    return Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME).absolute()


@dataclass(frozen=True)
class Home:
    """An open home: its directories exist and are writable, and its dagster.yaml matches the environment."""

    path: Path
    storage: Path | S3
    postgres: Postgres | None

    @classmethod
    def open(cls, path: str | Path | None = None) -> Home:
        """Open the home at ``path`` (by default GENART_HOME, otherwise ``./genart_home``); make what is missing.

        Raises:
            InputError: an environment variable is wrong.
            StorageError: the home cannot be written, or was made for another database or storage.
        """
        root = Path(path).absolute() if path else home_path()
        home = cls(root, storage_from(root), postgres_from())
        try:
            home._make()
        except OSError as error:
            raise StorageError(
                f"the home {root} cannot be written: {error}",
                remedy=f"make it writable, free space, or set {HOME_VARIABLE} to a writable directory",
            ) from error
        require_match(home.dagster_yaml, home.postgres, home.storage)
        return home

    @property
    def dagster_dir(self) -> Path:
        """The directory DAGSTER_HOME."""
        return self.path / "dagster"

    @property
    def dagster_yaml(self) -> Path:
        return self.dagster_dir / "dagster.yaml"

    @property
    def storage_root(self) -> str:
        """An absolute directory, or ``s3://bucket/prefix``."""
        return str(self.storage)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that a process needs to work on this home from any working directory."""
        variables = {
            HOME_VARIABLE: str(self.path),
            "DAGSTER_HOME": str(self.dagster_dir),
            # dagster-webserver uploads DAGSTER_HOME/logs even if dagster.yaml turns telemetry off.
            "DAGSTER_DISABLE_TELEMETRY": "yes",
        }
        if self.storage != self.path / "storage":
            variables[STORAGE_VARIABLE] = self.storage_root
        if self.postgres:
            variables[POSTGRES_VARIABLE] = self.postgres.url
        return variables

    @contextmanager
    def instance(self) -> Generator[DagsterInstance]:
        """Open the home's Dagster instance, with a limit on pool gpu; until the end, ``os.environ`` names the home.

        Raises:
            StorageError: the database cannot be reached or written, or dagster.yaml holds unknown settings.
        """
        with self._named_in_environment(), self._connected() as instance:
            yield instance

    @contextmanager
    def _named_in_environment(self) -> Generator[None]:
        before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

    def _make(self) -> None:
        self.dagster_dir.mkdir(parents=True, exist_ok=True)
        if isinstance(self.storage, Path):
            self.storage.mkdir(parents=True, exist_ok=True)
        if not self.dagster_yaml.exists():
            write_once(self.dagster_yaml, text_for(self.postgres, self.storage))
        with tempfile.TemporaryFile(dir=self.dagster_dir) as probe:
            probe.write(b"writable")

    def _connected(self) -> DagsterInstance:
        from dagster import DagsterError, DagsterInstance
        from sqlalchemy.exc import SQLAlchemyError

        if self.postgres:
            require_postgres(self.postgres)
        try:
            with self._first_use_lock():
                instance = DagsterInstance.get()
                storage = instance.event_log_storage
                if GPU_POOL not in {limit.name for limit in storage.get_pool_limits()}:
                    storage.set_concurrency_slots(GPU_POOL, GPU_POOL_LIMIT)
        except (SQLAlchemyError, DagsterError, OSError) as error:
            raise StorageError(
                f"the Dagster instance of {self.path} cannot be opened: {error}",
                remedy=f"check with `genart doctor` whether the disk is full or {self.dagster_yaml} was changed",
            ) from error
        return instance

    @contextmanager
    def _first_use_lock(self) -> Generator[None]:
        """Hold a lock, since simultaneous first uses would create the same tables; it ends with the process."""
        with open(self.dagster_dir / ".opening", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
