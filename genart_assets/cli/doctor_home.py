"""Makes the lines of `genart doctor` about the home, its instance, the storage and their services."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from genart_assets.cli.doctor_lines import Line, tried
from genart_assets.errors import GenartError, StorageError

if TYPE_CHECKING:
    from genart_assets.instance.home import Home

LITTLE_SPACE = 5 * 2**30
"""Bytes below which a day of rendering may fill the disk."""


def home_lines() -> Iterator[Line]:
    """The lines about the home; if it cannot be opened, only that one."""
    from genart_assets.instance.home import Home

    try:
        home = Home.open()
    except GenartError as error:
        yield Line(name="home", status="fail", finding=error.message, remedy=error.remedy)
        return
    yield Line(name="home", finding=f"{home.path} is writable")
    yield _free_space("home disk", home.path)
    yield tried("studio", lambda: _studio(home.path))
    if home.postgres:
        yield tried("postgresql", lambda: _postgres(home))
    yield from _instance_lines(home)
    yield tried("storage", lambda: _round_trip(home.storage_root))
    if isinstance(home.storage, Path) and home.storage.stat().st_dev != home.path.stat().st_dev:
        yield _free_space("storage disk", home.storage)


def _free_space(name: str, path: Path) -> Line:
    free = shutil.disk_usage(path).free
    finding = f"{free / 2**30:.1f} GiB free"
    if free >= LITTLE_SPACE:
        return Line(name=name, finding=finding)
    return Line(
        name=name, status="warn", finding=finding, remedy="free some space, or move the storage with GENART_STORAGE"
    )


def _studio(home: Path) -> str:
    """The latitudes of the studio that bound its briefs."""
    from genart_assets.records.studio import UNBOUND
    from genart_assets.stages.briefs.read_studio import FILE, read_studio

    studio = read_studio(home)
    if studio == UNBOUND:
        return f"no {FILE} in the home: briefs have only their own bounds"
    return f"{home / FILE} bounds {', '.join(studio.model_dump(exclude_none=True))}"


def _postgres(home: Home) -> str:
    from genart_assets.instance.services import require_postgres

    assert home.postgres
    return f"{home.postgres}, server {require_postgres(home.postgres)}"


def _instance_lines(home: Home) -> Iterator[Line]:
    from genart_assets.instance.health import instance_health

    try:
        with home.instance() as instance:
            health = instance_health(instance)
    except GenartError as error:
        yield Line(name="instance", status="fail", finding=error.message, remedy=error.remedy)
        return
    where = str(home.postgres) if home.postgres else f"SQLite in {home.dagster_dir}"
    yield Line(
        name="instance",
        finding=f"{where}: {health.runs} runs, {health.at_work} at work, pool gpu {health.gpu_limit} at a time",
    )
    if health.silent_daemons:
        finding = f"no heartbeat of {', '.join(health.silent_daemons)}"
        yield Line(
            name="daemon",
            status="warn",
            finding=finding,
            remedy="start it with `genart ui`, unless you only use `genart run`",
        )
    else:
        yield Line(name="daemon", finding="it has a recent heartbeat")


def _round_trip(root: str) -> str:
    """Write, read and delete one small file in the storage."""
    from genart_assets.storage.root import Storage

    storage = Storage.open(root)
    name, written = f"doctor/round-trip-{os.getpid()}", b"genart doctor"
    storage.write_once(name, written)
    read = storage.read(name)
    storage.delete(name)
    if read != written:
        raise StorageError(f"{root} returned other bytes than were written", remedy="do not use this storage")
    endpoint = (
        os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        if root.startswith("s3://")
        else None
    )
    return f"{root}{f' at {endpoint}' if endpoint else ''}: a small file was written, read and deleted"
