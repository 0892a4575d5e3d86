"""The storage as a Dagster resource."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import dagster as dg
from pydantic import Field

from genart_assets.instance.home import home_path
from genart_assets.instance.services import storage_from
from genart_assets.storage.root import Storage


class StorageResource(dg.ConfigurableResource[Any]):
    """Where every stored asset lies."""

    root: str = Field(
        default="",
        description="A folder or s3://bucket/prefix. Empty: GENART_STORAGE, by default storage/ in GENART_HOME.",
    )

    @cached_property
    def storage(self) -> Storage:
        return Storage.open(self.root or storage_root())


def storage_root() -> str:
    """The storage root that the environment names: an absolute folder or ``s3://bucket/prefix``."""
    return str(storage_from(home_path()))
