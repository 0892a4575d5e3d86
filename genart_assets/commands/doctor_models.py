"""The lines of `genart doctor` about the device and the models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from genart_assets.commands.doctor_lines import Line, tried


def model_lines() -> Iterator[Line]:
    from genart_assets.models.registry import SHIPPED, SHIPPED_CLIP

    yield tried("device", _device)
    yield tried("starter model", lambda: _snapshot(SHIPPED))
    yield tried("starter critic", lambda: _snapshot(SHIPPED_CLIP))


def _device() -> str:
    from genart_assets.models.device import device_class

    return device_class().name


def _snapshot(shipped: dict[str, Path]) -> str:
    from genart_assets.models.snapshot import take_snapshot

    found = take_snapshot("starter", shipped)
    return f"snapshot {found.snapshot_id[:12]}, {len(found.files)} files, {found.bytes / 1e6:.1f} MB"
