"""Makes the lines of `genart doctor` about the device and the models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from genart_assets.cli.doctor_lines import Line, tried


def model_lines() -> Iterator[Line]:
    """The lines about the device, the shipped models and the micro-batch."""
    from genart_assets.starter.shipped import SHIPPED, SHIPPED_CLIP

    yield tried("device", _device)
    yield tried("starter model", lambda: _snapshot(SHIPPED))
    yield tried("starter critic", lambda: _snapshot(SHIPPED_CLIP))
    yield tried("micro-batch", _micro_batch)


def _device() -> str:
    from genart_assets.models.device import device_class

    return device_class().name


def _snapshot(shipped: dict[str, Path]) -> str:
    from genart_assets.models.snapshot import take_snapshot

    found = take_snapshot("starter", shipped)
    return f"snapshot {found.snapshot_id[:12]}, {len(found.files)} files, {found.bytes / 1e6:.1f} MB"


def _micro_batch() -> str:
    from genart_assets.models.measure import measure_micro_batches

    measured = list(measure_micro_batches())
    speeds = ", ".join(f"{found.rows}: {found.row_steps_per_second:.0f}" for found in measured)
    chosen = next((found for found in measured if found.chosen), None)
    fixed = f"{chosen.rows} rows" if chosen else "a shape that was not measured"
    return f"{fixed} fixed for starter at {measured[0].width} px on this device; image steps/s by rows: {speeds}"
