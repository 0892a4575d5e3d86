"""What a recipe names by hash only, and where it is found: LoRAs, ControlNets, pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from genart_assets.errors import StorageError
from genart_assets.storage.pixels import Picture

PICTURES_IN_MEMORY = 256


def _nowhere(sha256: str) -> Picture:
    raise StorageError(f"picture {sha256[:12]} is needed, and no storage is at hand")


@dataclass(frozen=True)
class Inputs:
    """Nothing of it changes a bit that its hash does not decide."""

    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """Snapshot id of a LoRA or ControlNet, to where its files are: a path, a shipped name, or a hub id."""
    picture: Callable[[str], Picture] = _nowhere
    """The control image with a pixel hash; raises StorageError where it is missing or has changed."""
    start: Callable[[str], Picture] = _nowhere
    """Likewise the start picture, or the mask."""
