"""Writes the home's dagster.yaml once, from the templates in ``deploy/``, and compares it with the environment."""

from __future__ import annotations

import json
import os
import tempfile
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from genart_assets.errors import StorageError
from genart_assets.instance.services import POSTGRES_VARIABLE, S3, STORAGE_VARIABLE, Postgres


def text_for(postgres: Postgres | None, storage: Path | S3) -> str:
    """The content of dagster.yaml for a database and a storage; secrets stay in the environment."""
    templates = files("genart_assets") / "deploy"
    text = (templates / "dagster.yaml").read_text(encoding="utf-8")
    if postgres:
        text += (templates / "dagster.postgres.yaml").read_text(encoding="utf-8")
    if isinstance(storage, S3):
        template = Template((templates / "dagster.s3.yaml").read_text(encoding="utf-8"))
        text += template.substitute(bucket=json.dumps(storage.bucket), prefix=json.dumps(storage.compute_logs_prefix))
    return text


def write_once(path: Path, text: str) -> bool:
    """Write the complete file unless it exists; return whether it was written. Safe for simultaneous first uses."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".dagster.yaml.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(handle, 0o644)
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        os.unlink(temporary)
    return True


def require_match(path: Path, postgres: Postgres | None, storage: Path | S3) -> None:
    """Refuse an environment that would split the home's runs or logs over two places.

    Raises:
        StorageError: the file was made for another database or storage, or is not YAML.
    """
    made_with = _read(path)
    uses_postgres = "postgres" in (made_with.get("storage") or {})
    if uses_postgres and not postgres:
        raise _mismatch(path, "PostgreSQL", f"{POSTGRES_VARIABLE} is not set", f"set {POSTGRES_VARIABLE}")
    if postgres and not uses_postgres:
        raise _mismatch(path, "SQLite", f"{POSTGRES_VARIABLE} is set", f"unset {POSTGRES_VARIABLE}")
    logs = made_with.get("compute_logs") or {}
    config = logs.get("config") or {}
    logs_in = (config.get("bucket"), config.get("prefix")) if logs.get("class") == "S3ComputeLogManager" else None
    wanted = (storage.bucket, storage.compute_logs_prefix) if isinstance(storage, S3) else None
    if logs_in == wanted:
        return
    found = f"S3 (logs in s3://{logs_in[0]}/{logs_in[1]})" if logs_in else "storage on a local disk"
    remedy = f"set {STORAGE_VARIABLE} to its old value" if logs_in else f"unset {STORAGE_VARIABLE}"
    raise _mismatch(path, found, f"{STORAGE_VARIABLE} now refers to {storage}", remedy)


def _read(path: Path) -> dict[str, Any]:
    import yaml

    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise StorageError(
            f"{path} is not YAML: {error}", remedy="correct the file, or delete it to have it written again"
        ) from error
    if not isinstance(loaded, dict):
        raise StorageError(f"{path} does not hold settings", remedy="delete the file to have it written again")
    return loaded


def _mismatch(path: Path, made_with: str, now: str, remedy: str) -> StorageError:
    return StorageError(
        f"the home {path.parents[1]} was made with {made_with}, but {now}",
        remedy=f"{remedy}, or set GENART_HOME to another directory (a new home starts empty), or change {path} by hand",
    )
